import { describe, expect, it } from 'vitest';

import { createEmitter } from '../../base/index.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import type { ManualClock } from '../../base/testing/manual-clock.ts';
import type { DrillView, MirrorView, PairView } from '../../shared/index.ts';
import type { GuardedPair } from '../pair/driver.ts';
import { pairView } from '../../shared/testing/pair-view.ts';
import { createDrill } from './drill.ts';
import type { Drill } from './drill.ts';
import { perform } from './perform.ts';
import type { WaitPorts } from './until-view.ts';

interface Fake {
  readonly clock: ManualClock;
  readonly pair: GuardedPair;
  readonly ports: WaitPorts;
  readonly notes: string[];
  /** What the drill showed, each time it showed something. */
  readonly shown: DrillView[];
  drill: Drill;
  change(change: Partial<PairView>): void;
}

const inStep: MirrorView = {
  state: 'in-step',
  conversations: 0,
  rows: 0,
  held: 118,
  behindMs: null,
  detail: '',
  inherited: true,
  conflicts: [],
};
const name = {
  provider: 'dnsmasq',
  name: 'home.lan',
  address: 'home-a',
  ok: true,
  ttlSeconds: 0,
  checkedAtMs: 0,
  detail: '',
} as const;

/** A pair that stops its active gateway after 30 ms and makes the other one active after 100, unless told otherwise. */
function fakePair(
  how: {
    readonly refuses?: string;
    readonly hangs?: boolean;
    readonly staysExposed?: string;
    readonly running?: number;
    readonly dns?: boolean;
    readonly loses?: number;
    /** The gateway whose turns fail, once it is active. */
    readonly fails?: string;
  } = {},
): Fake {
  const clock = manualClock();
  const changes = createEmitter<undefined>();
  const notes: string[] = [];
  let view = pairView({
    mirror: inStep,
    dns: how.dns === true ? [{ ...name, epoch: 1 }] : [],
  });
  const change = (to: Partial<PairView>): void => {
    view = pairView({
      ...view,
      nodes: pairView({ activeId: to.activeId ?? view.activeId }).nodes,
      ...to,
    });
    changes.emit(undefined);
  };
  const handOver = (): void => {
    const { epoch, activeId } = view;
    const other = activeId === 'home-a' ? 'home-b' : 'home-a';
    clock.after(30, () =>
      change({
        busy: 'it leaves',
        nodes: view.nodes.map((node) => ({ ...node, role: 'standby' })),
      }),
    );
    if (how.hangs === true) return;
    clock.after(100, () =>
      change({
        activeId: other,
        epoch: epoch + 1,
        busy: null,
        cover: 'exposed',
        coverReason: how.staysExposed ?? '',
        mirror: { ...inStep, held: inStep.held + epoch - (how.loses ?? 0) },
      }),
    );
    if (how.dns === true)
      clock.after(150, () => change({ dns: [{ ...name, epoch: epoch + 1, address: other }] }));
    if (how.staysExposed === undefined) clock.after(500, () => change({ cover: 'protected' }));
  };
  const pair: GuardedPair = {
    id: 'home',
    nameOf: (gatewayId) => gatewayId.replace('home-', 'Home '),
    view: () => view,
    credentialsArrived: () => undefined,
    ask: (request) => {
      if (how.refuses !== undefined) return how.refuses;
      if (request === 'hand-over' || request === 'force') handOver();
      return null;
    },
    note: ({ reason }) => void notes.push(reason),
    askTurn: async (gatewayId) =>
      how.fails === gatewayId && view.activeId === gatewayId
        ? { kind: 'miss', failedAt: 'turn', detail: 'the model gave an empty answer' }
        : { kind: 'ok', latencyMs: 40, detail: 'answered a turn', passed: [] },
    running: async () => how.running ?? 0,
    stop: () => undefined,
  };
  const ports: WaitPorts = { clock, onChange: (listener) => changes.on(listener) };
  const shown: DrillView[] = [];
  const drill = createDrill(pair, {
    ...ports,
    onProgress: () => {
      const now = drill.view();
      if (now !== undefined) shown.push(now);
    },
  });
  return { clock, pair, notes, change, ports, drill, shown };
}

/** Lets simulated time pass while something waits for it. */
async function through<T>(clock: ManualClock, ms: number, waiting: Promise<T>): Promise<T> {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
  return waiting;
}

describe('what a person asks of a pair', () => {
  it('is answered when it is done', async () => {
    const { clock, pair, drill, ports } = fakePair();
    const outcome = await through(clock, 200, perform(pair, 'hand-over', drill, ports));
    expect(outcome).toEqual({ ok: true, value: 'Home b is active (epoch 2).' });
  });

  it('is refused with the reason', async () => {
    const { pair, drill, ports } = fakePair({ refuses: 'Home B is not ready.' });
    for (const command of ['hand-over', 'hold', 'force'] as const)
      expect(await perform(pair, command, drill, ports)).toEqual({
        ok: false,
        error: 'Home B is not ready.',
      });
  });

  it('is not waited for without end', async () => {
    const { clock, pair, drill, ports } = fakePair({ hangs: true });
    const outcome = await through(clock, 60_010, perform(pair, 'hand-over', drill, ports));
    expect(outcome).toEqual({ ok: false, error: expect.stringContaining('minute') as string });
  });
});

const results = (drill: Drill): readonly string[] =>
  drill.view()?.steps.map(({ state, what }) => `${state}: ${what}`) ?? [];

describe('a drill', () => {
  it('has both answer, hands over and back, and finds everything on both', async () => {
    const { clock, pair, drill, notes, shown } = fakePair({ dns: true });
    const outcome = await through(clock, 4_000, drill.run());
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 3 });
    expect(outcome.ok ? outcome.value.split('\n') : outcome).toEqual([
      'Drill of Home, 2026-01-01T00:00:00.010Z',
      'result  what                                   took     found',
      'passed  Home b answers a whole turn            40 ms    answered a turn',
      'passed  Both have the same conversations       0 ms     118 rows on both',
      'passed  Home a hands over to Home b            100 ms   70 ms without an active one, epoch 2',
      'passed  The name says Home b                   50 ms    home.lan → home-b',
      'passed  Home b answers a whole turn            40 ms    answered a turn',
      'passed  Home a is ready to have the role back  2000 ms',
      'passed  Home b hands back to Home a            100 ms   70 ms without an active one, epoch 3',
      'passed  The name says Home a                   50 ms    home.lan → home-a',
      'passed  Home a answers a whole turn            40 ms    answered a turn',
      'passed  Nothing was lost                       0 ms     120 rows on both, 118 before',
      'Passed: both can have the role, and nothing was lost.',
    ]);
    expect(notes).toEqual([
      'A drill began: the role goes over and comes back.',
      'The drill is over. Passed: both can have the role, and nothing was lost.',
    ]);
    // Every step was seen to run, and the whole plan from the beginning.
    expect(shown[0]?.steps).toHaveLength(10);
    for (const index of shown[0]?.steps.keys() ?? [])
      expect(shown.some(({ steps }) => steps[index]?.state === 'running')).toBe(true);
  });

  it.each([
    ['the other gateway could not take over', { cover: 'exposed', coverReason: 'Home B is cold.' }],
    ['the pair is held', { hold: true }],
    ['the copy is behind', { mirror: { ...inStep, state: 'catching-up', rows: 9 } }],
    ['nothing is copied', { mirror: { ...inStep, state: 'away', detail: 'copy: no plugin' } }],
    ['nothing is compared', { mirror: null }],
    ['a change is under way', { busy: 'Home A lets its turns end.' }],
  ] as const)('does not begin while %s', async (_words, part) => {
    const { pair, drill, change } = fakePair();
    change(part);
    expect(await drill.run()).toEqual({
      ok: false,
      error: expect.stringMatching(/^No drill now: .+\.$/u) as string,
    });
    expect([drill.view(), pair.view().epoch]).toEqual([undefined, 1]);
  });

  it('does not begin while somebody is in the middle of a turn', async () => {
    const { drill } = fakePair({ running: 1 });
    expect(await drill.run()).toEqual({
      ok: false,
      error: 'No drill now: Home a is in the middle of a turn. Try again when it has answered.',
    });
  });

  it('brings the role back when the other gateway does not answer, and says what failed', async () => {
    const { clock, pair, drill } = fakePair({ fails: 'home-b' });
    const outcome = await through(clock, 5_000, drill.run());
    expect(outcome.ok).toBe(false);
    expect(pair.view().activeId).toBe('home-a');
    expect(drill.view()).toMatchObject({
      state: 'failed',
      words: 'Failed. Home b answers a whole turn: the model gave an empty answer.',
    });
    expect(results(drill).slice(3)).toEqual([
      'failed: Home b answers a whole turn',
      'passed: Home a is ready to have the role back',
      'passed: Home b hands back to Home a',
      'skipped: Home a answers a whole turn',
      'skipped: Nothing was lost',
    ]);
  });

  it('says where it left the role when it cannot come back', async () => {
    const { clock, pair, drill } = fakePair({ staysExposed: 'Home A is gone' });
    pair.ask = ((ask) => (request) => (pair.view().epoch > 1 ? 'Home A is gone' : ask(request)))(
      pair.ask,
    );
    await through(clock, 123_000, drill.run());
    expect(drill.view()?.words).toBe(
      'Failed. Home a is ready to have the role back: Home A is gone. Home b is active and stays so.',
    );
  });

  it('fails when fewer rows come back than went', async () => {
    const { clock, drill } = fakePair({ loses: 20 });
    await through(clock, 5_000, drill.run());
    expect(drill.view()?.words).toContain('Nothing was lost: 100 rows on both, 118 before');
  });

  it('ended by a person, only brings the role back; meanwhile nobody else moves it', async () => {
    const { clock, pair, drill, ports } = fakePair();
    const running = drill.run();
    await through(clock, 150, Promise.resolve());
    expect(pair.view().activeId).toBe('home-b');
    expect(await perform(pair, 'hand-over', drill, ports)).toMatchObject({ ok: false });
    expect(await perform(pair, 'drill', drill, ports)).toMatchObject({ ok: false });
    expect(await perform(pair, 'end-drill', drill, ports)).toMatchObject({ ok: true });
    await through(clock, 4_000, running);
    expect(pair.view().activeId).toBe('home-a');
    expect(drill.view()).toMatchObject({
      state: 'ended',
      words: 'Ended early; Home a is active.',
    });
    expect(await perform(pair, 'end-drill', drill, ports)).toEqual({
      ok: false,
      error: 'No drill runs.',
    });
  });
});
