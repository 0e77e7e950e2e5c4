import { describe, expect, it } from 'vitest';

import { createEmitter } from '../../base/index.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import type { ManualClock } from '../../base/testing/manual-clock.ts';
import type { PairView } from '../../shared/index.ts';
import type { GuardedPair } from '../pair/driver.ts';
import { pairView } from '../../shared/testing/pair-view.ts';
import { perform } from './perform.ts';
import type { WaitPorts } from './until-view.ts';

interface Fake {
  readonly clock: ManualClock;
  readonly pair: GuardedPair;
  readonly ports: WaitPorts;
  readonly notes: string[];
  change(change: Partial<PairView>): void;
}

/** A pair that stops its active gateway after 30 ms and makes the other one active after 100, unless told otherwise. */
function fakePair(
  how: { readonly refuses?: string; readonly hangs?: boolean; readonly staysExposed?: string } = {},
): Fake {
  const clock = manualClock();
  const changes = createEmitter<undefined>();
  const notes: string[] = [];
  let view = pairView();
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
      }),
    );
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
    stop: () => undefined,
  };
  return {
    clock,
    pair,
    notes,
    change,
    ports: { clock, onChange: (listener) => changes.on(listener) },
  };
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
    const { clock, pair, ports } = fakePair();
    const outcome = await through(clock, 200, perform(pair, 'hand-over', ports));
    expect(outcome).toEqual({ ok: true, value: 'Home b is active (epoch 2).' });
  });

  it('is refused with the reason', async () => {
    const { pair, ports } = fakePair({ refuses: 'Home B is not ready.' });
    for (const command of ['hand-over', 'hold', 'force'] as const)
      expect(await perform(pair, command, ports)).toEqual({
        ok: false,
        error: 'Home B is not ready.',
      });
  });

  it('is not waited for without end', async () => {
    const { clock, pair, ports } = fakePair({ hangs: true });
    const outcome = await through(clock, 60_010, perform(pair, 'hand-over', ports));
    expect(outcome).toEqual({ ok: false, error: expect.stringContaining('minute') as string });
  });
});

describe('a drill', () => {
  it('hands over and back, and prints what it cost', async () => {
    const { clock, pair, ports, notes } = fakePair();
    const outcome = await through(clock, 2_000, perform(pair, 'drill', ports));
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 3 });
    expect(outcome).toEqual({
      ok: true,
      value: [
        'from    to      epoch  old one stopped  new one active  none active for  DNS follows',
        'Home a  Home b  2      30 ms            100 ms          70 ms            no DNS',
        'Home b  Home a  3      30 ms            100 ms          70 ms            no DNS',
      ].join('\n'),
    });
    expect(notes[0]).toContain('began');
    expect(notes.at(-1)).toContain('Home a to Home b in 100 ms');
  });

  it('does not begin while the other gateway could not take over', async () => {
    const { pair, ports, change } = fakePair();
    change({ cover: 'exposed', coverReason: 'Home B is cold.' });
    expect(await perform(pair, 'drill', ports)).toEqual({
      ok: false,
      error: 'No drill now: Home B is cold.',
    });
  });

  it('says where it left the role when it cannot come back', async () => {
    const { clock, pair, ports } = fakePair({ staysExposed: 'Home A is gone.' });
    const outcome = await through(clock, 121_000, perform(pair, 'drill', ports));
    expect(outcome).toEqual({
      ok: false,
      error: 'Home b is active and stays so: Home A is gone.',
    });
  });
});
