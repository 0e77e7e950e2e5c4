import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Row } from './model.ts';
import { reconcile } from './reconcile.ts';
import type { Reconciled } from './reconcile.ts';
import { leafRow, memoryGateway, messageRow } from './testing/memory-gateway.ts';
import type { MemoryGateway } from './testing/memory-gateway.ts';

const key = 'agent:main:main';

async function bring(active: MemoryGateway, copy: MemoryGateway, epoch = 1): Promise<Reconciled> {
  const survey = await active.local.survey();
  const inStep = survey.ok ? (survey.value.inStep[key] ?? null) : null;
  return reconcile(key, inStep, {
    active: active.journal,
    copy: copy.journal,
    epoch,
    conflict: null,
    onProgress: () => undefined,
  });
}

function pair(): { a: MemoryGateway; b: MemoryGateway } {
  const a = memoryGateway();
  const b = memoryGateway();
  a.acting = true;
  return { a, b };
}

const rowsOf = (journal: MemoryGateway): readonly Row[] =>
  journal.conversations.get(key)?.rows ?? [];
const idsOf = (gateway: MemoryGateway): readonly string[] => gateway.ids(key);

describe('a conversation and its copy', () => {
  it('are the same after the first time, and after more was said', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1', 'a1', 'q2', 'a2', 'q3');
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(rowsOf(b)).toEqual(rowsOf(a));
    a.say(key, 'a3', 'q4', 'a4', 'q5', 'a5');
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(rowsOf(b)).toEqual(rowsOf(a));
    expect(b.shown(key)).toEqual(a.shown(key));
  });

  it('carries only what is new', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1', 'a1', 'q2');
    await bring(a, b);
    a.say(key, 'a2');
    const carried: number[] = [];
    const survey = await a.local.survey();
    await reconcile(key, survey.ok ? (survey.value.inStep[key] ?? null) : null, {
      active: a.journal,
      copy: {
        ...b.journal,
        append: (batch) => {
          carried.push(batch.rows.length);
          return b.journal.append(batch);
        },
      },
      epoch: 1,
      conflict: null,
      onProgress: () => undefined,
    });
    expect(carried).toEqual([1]);
  });

  it('has what was chosen for it as well', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1');
    await bring(a, b);
    const original = a.conversations.get(key);
    if (original !== undefined) original.settings = { label: 'Holiday', thinkingLevel: null };
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(b.conversations.get(key)?.settings).toEqual({ label: 'Holiday', thinkingLevel: null });
  });

  it('is deleted where it was in step when it was deleted', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1', 'a1');
    await bring(a, b);
    a.conversations.delete(key);
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(b.conversations.has(key)).toBe(false);
  });

  it('comes back where the other side has more than was in step', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1', 'a1');
    await bring(a, b);
    a.conversations.delete(key);
    b.say(key, 'q2');
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(idsOf(a)).toEqual(['q1', 'a1', 'q2']);
  });

  it('does not bring back what was deleted, where its key is in use again', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'deleted-q', 'deleted-a');
    await bring(a, b);
    a.conversations.delete(key);
    a.begin(key, 's2');
    a.say(key, 'new-q');
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(idsOf(a)).toEqual(['new-q']);
    expect(idsOf(b)).toEqual(['new-q']);
  });

  it('begins anew where rows were rewritten in place', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1', 'a1', 'q2', 'a2');
    await bring(a, b);
    const cut = a.conversations.get(key);
    if (cut !== undefined) Object.assign(cut, { rows: cut.rows.slice(2), generation: 'cut' });
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(idsOf(b)).toEqual(['q2', 'a2']);
  });

  it('follows to another session id', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1', 'a1', 'q2');
    await bring(a, b);
    const rewound = a.conversations.get(key);
    if (rewound !== undefined) rewound.sessionId = 's2';
    a.put(key, leafRow('l1', 'a1'));
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(b.conversations.get(key)?.sessionId).toBe('s2');
    expect(b.shown(key)).toEqual(['q1', 'a1']);
  });

  it('keeps what the one that died had alone, as a branch, and shows what the active one shows', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1', 'a1');
    await bring(a, b);
    a.say(key, 'lost-q', 'lost-a');
    a.acting = false;
    b.acting = true;
    b.say(key, 'q2', 'a2');
    expect(await bring(b, a, 2)).toEqual({ kind: 'in-step' });
    for (const gateway of [a, b]) {
      expect(idsOf(gateway)).toEqual(expect.arrayContaining(['lost-q', 'lost-a', 'q2', 'a2']));
      expect(gateway.shown(key)).toEqual(['q1', 'a1', 'q2', 'a2']);
    }
  });

  it('shows the same on both where the rows came in another order', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1');
    await bring(a, b);
    a.say(key, 'q2', 'a2');
    b.say(key, 'other-q', 'other-a');
    const running = a.conversations.get(key);
    if (running !== undefined) running.busy = true;
    expect(await bring(a, b)).toMatchObject({ kind: 'later' }); // the branch, but b has all of a
    if (running !== undefined) running.busy = false;
    [a.acting, b.acting] = [false, true];
    expect(await bring(b, a, 2)).toEqual({ kind: 'in-step' });
    expect(b.shown(key)).toEqual(['q1', 'q2', 'a2']);
    expect(a.shown(key)).toEqual(b.shown(key));
  });

  it('waits with a branch while a run is open, and goes on copying', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1');
    await bring(a, b);
    b.say(key, 'own');
    a.say(key, 'a1');
    const running = a.conversations.get(key);
    if (running !== undefined) running.busy = true;
    expect(await bring(a, b)).toMatchObject({ kind: 'later' });
    expect(idsOf(b)).toEqual(['q1', 'own', 'a1']);
    if (running !== undefined) running.busy = false;
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect(idsOf(a)).toContain('own');
  });

  it('takes nothing of an epoch that is over, and nothing while it acts itself', async () => {
    const { a, b } = pair();
    a.begin(key, 's1');
    a.say(key, 'q1');
    b.epoch = 7;
    expect(await bring(a, b, 6)).toEqual({ kind: 'refused', reason: 'old-epoch' });
    b.acting = true;
    expect(await bring(a, b, 8)).toEqual({ kind: 'refused', reason: 'acting' });
    expect(rowsOf(b)).toEqual([]);
  });

  it('tells of one id with two contents', async () => {
    const { a, b } = pair();
    for (const [gateway, text] of [
      [a, 'yes'],
      [b, 'no'],
    ] as const) {
      gateway.begin(key, 's1');
      gateway.put(key, messageRow('q1', null, text));
    }
    expect(await bring(a, b)).toEqual({ kind: 'conflict', id: 'q1' });
  });

  it('has the files that its rows name, whole and before them', async () => {
    const { a, b } = pair();
    const picture = Uint8Array.from({ length: 500_001 }, (_byte, at) => at % 251);
    a.files.set('picture.png', picture);
    a.begin(key, 's1');
    const media = [
      { url: 'media://inbound/picture.png' },
      { url: 'media://inbound/lost.png' },
      { url: 'media://inbound/../../secret' },
      { url: 'https://elsewhere/' },
    ];
    const named = messageRow('q1', null);
    a.put(key, { ...named, message: { ...Object(named['message']), __openclaw: { media } } });
    expect(await bring(a, b)).toEqual({ kind: 'in-step' });
    expect([...b.files.keys()]).toEqual(['picture.png']);
    expect(Buffer.compare(Buffer.from(b.files.get('picture.png') ?? []), picture)).toBe(0);
  });

  it('loses nothing and ends the same, whatever happens on the way', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('say' as const),
        on: fc.constantFrom('active', 'copy'),
        rows: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 60 })),
      }),
      fc.record({ do: fc.constant('bring' as const), faults: fc.infiniteStream(fc.nat(9)) }),
      fc.record({ do: fc.constant('swap' as const) }),
      fc.record({ do: fc.constant('rewind' as const) }),
      fc.record({ do: fc.constant('restart' as const), on: fc.constantFrom('active', 'copy') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let [active, copy] = [memoryGateway(), memoryGateway()];
        active.acting = true;
        active.begin(key, 's0');
        const said = new Set<string>();
        let epoch = 1;
        for (const [at, each] of steps.entries()) {
          if (each.do === 'say') {
            const side = each.on === 'active' ? active : copy;
            if (!side.conversations.has(key)) continue;
            const ids = Array.from({ length: each.rows }, (_row, row) => `r${at}.${row}`);
            side.say(key, ...ids);
            for (const id of ids) said.add(id);
          } else if (each.do === 'restart') {
            (each.on === 'active' ? active : copy).restart();
          } else if (each.do === 'rewind') {
            const conversation = active.conversations.get(key);
            if (conversation === undefined) continue;
            conversation.sessionId = `s${at}`;
            active.put(key, leafRow(`l${at}`, conversation.rows[0]?.id ?? null));
          } else if (each.do === 'swap') {
            [active, copy] = [copy, active];
            active.acting = true;
            copy.acting = false;
            epoch += 1;
          } else {
            const faults = each.faults;
            const fault = (): 'lost-call' | 'lost-answer' | null => {
              const drawn = faults.next().value;
              return drawn === 0 ? 'lost-call' : drawn === 1 ? 'lost-answer' : null;
            };
            active.fault = copy.fault = fault;
            await bring(active, copy, epoch);
            active.fault = copy.fault = () => null;
          }
        }
        expect(await bring(active, copy, epoch)).toEqual({ kind: 'in-step' });
        const ids = idsOf(active);
        expect(new Set(idsOf(copy))).toEqual(new Set(ids));
        for (const id of said) expect(ids).toContain(id);
        expect(copy.shown(key)).toEqual(active.shown(key));
      }),
      { numRuns: 300 },
    );
  });
});
