import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../base/testing/seeded-random.ts';
import { conflictPath, isConflictCopy } from './names.ts';
import type { RoundFailure, RoundResult } from './round.ts';
import { syncRound } from './sync.ts';
import { memoryWorkspace } from './testing/memory-workspace.ts';
import type { MemoryWorkspace } from './testing/memory-workspace.ts';

const memory = 'main/MEMORY.md';
const day = 'main/memory/2026-11-22.md';
const kept = 'main/MEMORY.conflict-b-1970-01-01.md';

interface Pair {
  readonly a: MemoryWorkspace;
  readonly b: MemoryWorkspace;
  round(epoch?: number): Promise<RoundResult | RoundFailure>;
}

function pair(): Pair {
  const [a, b] = [memoryWorkspace(), memoryWorkspace()];
  a.acting = true;
  return { a, b, round: (epoch = 1) => roundOf(a, b, 'a', 'b', epoch) };
}

function roundOf(
  active: MemoryWorkspace,
  copy: MemoryWorkspace,
  activeId: string,
  copyId: string,
  epoch: number,
): Promise<RoundResult | RoundFailure> {
  const sides = { active: active.workspace, copy: copy.workspace, activeId, copyId, epoch };
  return syncRound({ ...sides, stopped: () => false }, () => undefined);
}

const inStep = expect.objectContaining({ kind: 'done', trouble: '' }) as unknown;

function textsOf({ files }: MemoryWorkspace): Record<string, string> {
  return Object.fromEntries([...files].map(([path, { text }]) => [path, text]));
}

describe('the built-in sync', () => {
  it('carries what the active gateway wrote, and what a person wrote at the standby', async () => {
    const { a, b, round } = pair();
    a.put(memory, 'one');
    a.put('main/skills/cook/SKILL.md', 'soup');
    expect(await round()).toEqual(inStep);
    expect(textsOf(b)).toEqual(textsOf(a));
    a.put(memory, 'two');
    b.put(day, 'noted at the standby');
    expect(await round()).toEqual(inStep);
    b.put(memory, 'three');
    expect(await round()).toEqual(inStep);
    expect(textsOf(a)).toMatchObject({ [memory]: 'three', [day]: 'noted at the standby' });
    expect(textsOf(b)).toEqual(textsOf(a));
    expect(a.trash).toEqual(['two']); // what a change at the standby replaced
  });

  it('keeps both texts where both were changed', async () => {
    const { a, b, round } = pair();
    a.put(memory, 'old');
    await round();
    a.put(memory, 'of the active');
    b.put(memory, 'of the standby');
    expect(await round()).toMatchObject({
      trouble: '',
      files: expect.arrayContaining([kept]) as unknown,
    });
    for (const side of [a, b])
      expect(textsOf(side)).toEqual({ [memory]: 'of the active', [kept]: 'of the standby' });
    // A second one of the same day gets a number.
    a.put(memory, 'again');
    b.put(memory, 'again, otherwise');
    await round();
    expect(b.text('main/MEMORY.conflict-b-1970-01-01-2.md')).toBe('again, otherwise');
    expect([...b.files.keys()].filter(isConflictCopy)).toHaveLength(2);
    // A person who has dealt with it deletes it.
    a.files.delete(kept);
    await round();
    expect(b.text(kept)).toBeUndefined();
  });

  it('carries a deletion only where the copy holds what both had, and into the trash', async () => {
    const { a, b, round } = pair();
    for (const path of [memory, day, 'main/USER.md']) a.put(path, `text of ${path}`);
    await round();
    a.files.delete(day);
    a.files.delete('main/USER.md');
    b.put('main/USER.md', 'changed at the standby');
    b.files.delete(memory); // only the active one deletes
    expect(await round()).toEqual(inStep);
    expect(b.text(day)).toBeUndefined();
    expect(b.trash).toEqual([`text of ${day}`]);
    expect(a.text('main/USER.md')).toBe('changed at the standby');
    expect(b.text(memory)).toBe(`text of ${memory}`);
  });

  it.each(['a', 'b'] as const)(
    'deletes nothing once %s has forgotten what both had',
    async (who) => {
      const { a, b, round } = pair();
      a.put(memory, 'x');
      a.put(day, 'y');
      await round();
      a.files.delete(day);
      ({ a, b })[who].restart(true);
      expect(await round()).toEqual(inStep);
      expect(a.text(day)).toBe('y');
      expect(b.text(day)).toBe('y');
    },
  );

  it('deletes nothing for a workspace that is empty, and says so', async () => {
    const { a, b, round } = pair();
    a.put(memory, 'x');
    await round();
    a.files.clear();
    expect(await round()).toMatchObject({
      left: [{ path: memory, side: 'copy', because: expect.stringContaining('empty') as string }],
    });
    expect(b.text(memory)).toBe('x');
  });

  it('takes an untouched template for nothing', async () => {
    const { a, b, round } = pair();
    for (const side of [a, b])
      for (const name of ['SOUL.md', 'BOOTSTRAP.md', 'USER.md'])
        side.templates.set(name, `T ${name}`);
    a.put('main/SOUL.md', 'a soul');
    a.put('main/USER.md', 'T USER.md');
    b.put('main/SOUL.md', 'T SOUL.md');
    b.put('main/BOOTSTRAP.md', 'T BOOTSTRAP.md');
    b.put('main/USER.md', 'somebody');
    expect(await round()).toEqual(inStep);
    for (const side of [a, b])
      expect(textsOf(side)).toEqual({ 'main/SOUL.md': 'a soul', 'main/USER.md': 'somebody' });
  });

  it('never carries a secret, and says which file stays and why', async () => {
    const { a, b, round } = pair();
    a.put(memory, 'harmless');
    a.put('main/.env', 'TOKEN=1');
    a.put('main/skills/mail/credentials.json', '{}');
    await round();
    const key = `sk-aB3dE5fG7hJ9kL1mN2pQ`;
    a.put(memory, `my key is ${key}`);
    b.put('main/USER.md', `-----BEGIN RSA PRIVATE KEY-----`);
    const result = await round();
    expect(textsOf(b)).toMatchObject({ [memory]: 'harmless' });
    expect([...b.files.keys()]).toEqual([memory, 'main/USER.md']);
    expect(a.text('main/USER.md')).toBeUndefined();
    expect(result).toMatchObject({ kind: 'done' });
    const left = result.kind === 'done' ? result.left : [];
    expect(left.map(({ path, side }) => `${side} ${path}`).sort()).toEqual([
      'active main/.env',
      'active main/MEMORY.md',
      'active main/skills/mail/credentials.json',
      'copy main/USER.md',
    ]);
    expect(JSON.stringify(result)).not.toContain(key);
    // Not even if it is asked for by name.
    expect(await a.workspace.read('main/.env', '0'.repeat(64), 0)).toEqual({
      ok: true,
      value: null,
    });
  });

  it('says which names cannot be on both sides', async () => {
    const { a, b, round } = pair();
    a.put(memory, 'x');
    b.put('main/memory.md', 'y');
    a.put('main/memory/a:b.md', 'x');
    a.put('other/USER.md', 'x');
    a.agents = ['main', 'other'];
    const result = await round();
    const left = result.kind === 'done' ? result.left.map(({ path }) => path) : [];
    expect(left.sort()).toEqual(['main/memory.md', 'main/memory/a:b.md', 'other']);
    expect(textsOf(b)).toEqual({ 'main/memory.md': 'y' });
    expect(a.text('main/memory.md')).toBeUndefined();
  });

  it('carries large files in parts and leaves too large ones', async () => {
    const { a, b, round } = pair();
    const large = 'ö'.repeat(500_000);
    a.put(memory, large);
    a.put(day, '');
    a.put('main/USER.md', 'x'.repeat(9 * 1024 * 1024));
    const result = await round();
    expect(b.text(memory)).toBe(large);
    expect(b.text(day)).toBe('');
    expect(result).toMatchObject({ left: [{ path: 'main/USER.md' }] });
  });

  it('names the credentials that the standby lacks', async () => {
    const { a, b, round } = pair();
    const openai = { agent: 'main', provider: 'openai', profile: 'openai:default' };
    const echo = { agent: 'main', provider: 'echo', profile: 'echo:default' };
    a.profiles = [openai, echo];
    b.profiles = [echo];
    expect(await round()).toMatchObject({ lacking: [openai] });
  });

  it('refuses writes of the pair’s past, and to a gateway that may act', async () => {
    const { a, b, round } = pair();
    a.put(memory, 'x');
    b.acting = true;
    expect(await round()).toMatchObject({ kind: 'refused' });
    b.acting = false;
    b.epoch = 2;
    expect(await round(1)).toMatchObject({ kind: 'refused' });
    expect(b.files.size).toBe(0);
    expect(await round(2)).toEqual(inStep);
    b.files.clear();
    expect(await round(1)).toMatchObject({ kind: 'refused' }); // it has heard of 2
  });

  it('changes nothing that was changed meanwhile', async () => {
    const { a, b, round } = pair();
    a.put(memory, 'x');
    await round();
    a.put(memory, 'y');
    let calls = 0;
    b.fault = () => {
      calls += 1;
      if (calls === 2) b.put(memory, 'z'); // between the survey and the write
      return null;
    };
    expect(await round()).toMatchObject({ trouble: expect.stringContaining(memory) as string });
    expect(b.text(memory)).toBe('z');
    expect(await round()).toEqual(inStep);
    expect(textsOf(a)).toEqual({ [memory]: 'y', [kept]: 'z' });
  });

  it('does not take an older text for the one that both had last', async () => {
    const { a, b, round } = pair();
    a.put(memory, 'one');
    await round();
    a.put(memory, 'two');
    let calls = 0;
    b.fault = () => ((calls += 1) === 3 ? 'lost-call' : null); // written, and not remembered
    expect(await round()).toMatchObject({ kind: 'gone' });
    expect(b.text(memory)).toBe('two');
    a.put(memory, 'one'); // somebody takes it back
    expect(await round()).toEqual(inStep);
    expect(a.text(memory)).toBe('one');
    expect(b.text(memory)).toBe('one');
  });

  it('loses nothing that anybody wrote and ends with both the same, whatever breaks (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const random = seededRandom(seed);
        const [a, b] = [memoryWorkspace(), memoryWorkspace()];
        const ids = new Map([
          [a, 'a'],
          [b, 'b'],
        ]);
        const paths = [memory, day, 'main/USER.md', 'main/skills/x/SKILL.md'];
        /** What is somewhere because somebody wants it. */
        const wanted = new Set<string>();
        let serial = 0;
        const edit = (side: MemoryWorkspace): void => {
          const path = random.pick(paths);
          // Whoever writes a file anew, or deletes it, has seen what was in it there.
          wanted.delete(side.text(path) ?? '');
          if (random.chance(0.25)) {
            side.files.delete(path);
            return;
          }
          const text = `text ${String((serial += 1))}`;
          side.put(path, text);
          wanted.add(text);
        };
        let [active, copy] = [a, b];
        let epoch = 1;
        a.acting = true;
        let isCalm = false;
        for (const side of [a, b])
          side.fault = () => {
            if (isCalm) return null;
            if (random.chance(0.1)) edit(random.pick([a, b]));
            if (random.chance(0.03)) side.restart(random.chance(0.3));
            return random.chance(0.08) ? 'lost-call' : random.chance(0.08) ? 'lost-answer' : null;
          };
        const round = (): Promise<RoundResult | RoundFailure> =>
          roundOf(active, copy, ids.get(active)!, ids.get(copy)!, epoch);
        // A file that stays: an emptied workspace is another case.
        a.put('main/IDENTITY.md', 'A');
        b.put('main/IDENTITY.md', 'A');
        for (let step = 0; step < 25; step += 1) {
          for (let edits = random.between(0, 3); edits >= 1; edits -= 1) edit(random.pick([a, b]));
          await round();
          if (!random.chance(0.15)) continue;
          active.acting = false;
          [active, copy] = [copy, active];
          active.acting = true;
          epoch += 1;
        }
        isCalm = true;
        for (let left = 4; left > 0; left -= 1) await round();
        expect(await round()).toEqual(inStep);
        expect(textsOf(a)).toEqual(textsOf(b));
        const texts = new Set(Object.values(textsOf(a)));
        expect([...wanted].filter((text) => !texts.has(text))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

it('finds a free name for the other text of a conflict', () => {
  const atMs = Date.UTC(2026, 10, 22, 23, 59);
  expect(conflictPath('main/memory/notes.v2.md', 'home-b', atMs, () => true)).toBe(
    'main/memory/notes.v2.conflict-home-b-2026-11-22.md',
  );
  expect(conflictPath('main/skills/x/Makefile', 'b', atMs, (path) => path.endsWith('-3'))).toBe(
    'main/skills/x/Makefile.conflict-b-2026-11-22-3',
  );
});
