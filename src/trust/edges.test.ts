import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { TrustEdge } from '../shared/index.ts';
import { checkEdges, hasEdge, trustedFrom } from './edges.ts';
import { createRosters } from './rosters.ts';

const domains = ['personal', 'work', 'client', 'tools'];

function accepted(...edges: readonly (readonly [string, string])[]): boolean {
  return checkEdges(
    edges.map(([from, to]) => ({ from, to })),
    domains,
  ).ok;
}

describe('edges of trust', () => {
  it('may lead from personal, and between others in one direction', () => {
    expect(accepted()).toBe(true);
    expect(accepted(['personal', 'work'], ['personal', 'client'], ['work', 'client'])).toBe(true);
    expect(accepted(['work', 'client'], ['work', 'client'])).toBe(true);
  });

  it('never lead to personal, back, in a circle, to themselves or to nowhere', () => {
    expect(accepted(['work', 'personal'])).toBe(false);
    expect(accepted(['personal', 'personal'])).toBe(false);
    expect(accepted(['work', 'work'])).toBe(false);
    expect(accepted(['work', 'client'], ['client', 'work'])).toBe(false);
    expect(accepted(['work', 'client'], ['client', 'tools'], ['tools', 'work'])).toBe(false);
    expect(accepted(['personal', 'moon'])).toBe(false);
  });

  it('whatever is accepted has no path to personal and no edge beside its reverse', () => {
    const edge = fc.record({ from: fc.constantFrom(...domains), to: fc.constantFrom(...domains) });
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 8 }), (edges) => {
        const checked = checkEdges(edges, domains);
        if (!checked.ok) return;
        const reach = (from: string, seen: readonly string[]): readonly string[] =>
          trustedFrom(checked.value, from).flatMap((to) =>
            seen.includes(to) ? ['circle'] : [to, ...reach(to, [...seen, to])],
          );
        for (const from of domains) {
          expect(reach(from, [from])).not.toContain('personal');
          expect(reach(from, [from])).not.toContain('circle');
        }
        expect(
          checked.value.filter(({ from, to }: TrustEdge) => hasEdge(checked.value, to, from)),
        ).toEqual([]);
      }),
    );
  });
});

describe('rosters', () => {
  it('know each pinned identity in one domain, and refuse it in a second', () => {
    const made = createRosters([
      { pin: 'a', domain: 'personal' },
      { pin: 'b', domain: 'personal' },
      { pin: 'c', domain: 'work' },
      { pin: 'c', domain: 'work' },
    ]);
    if (!made.ok) throw new Error(made.error);
    expect(['a', 'b', 'c', 'd'].map((pin) => made.value.domainOf(pin))).toEqual([
      'personal',
      'personal',
      'work',
      null,
    ]);
    expect(
      createRosters([
        { pin: 'a', domain: 'personal' },
        { pin: 'a', domain: 'work' },
      ]),
    ).toMatchObject({
      ok: false,
      error: expect.stringContaining('cannot be in “work” too') as string,
    });
  });
});
