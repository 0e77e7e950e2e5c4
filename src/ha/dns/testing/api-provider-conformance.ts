import { expect, it } from 'vitest';

import type { ManualClock } from '../../../base/testing/manual-clock.ts';
import type { DnsProvider } from '../model.ts';
import type { ApiWire, Fault } from './api-wire.ts';

export interface ApiStage {
  readonly provider: DnsProvider;
  readonly wire: ApiWire;
  readonly clock: ManualClock;
  /** What clients are told. */
  readonly answer: () => readonly string[];
  /** No error text may hold one of these. */
  readonly secrets: readonly string[];
}

const [first, second] = ['10.0.0.2', '10.0.0.3'] as const;

/** What every provider that is an API must do. `open` begins with the name at 10.0.0.2, epoch 1. */
export function apiProviderConformance(open: () => Promise<ApiStage>): void {
  const move = (stage: ApiStage, epoch: number, address: string = second) =>
    settled(stage, stage.provider.apply({ name: stage.provider.name, address, epoch }));

  it('moves the name, reads it back and finds nothing to do the second time', async () => {
    const stage = await open();
    expect(await move(stage, 2)).toMatchObject({ ok: true, value: { address: second } });
    expect(stage.answer()).toEqual([second]);
    expect(await stage.provider.read()).toMatchObject({
      ok: true,
      value: { addresses: [second], epoch: 2 },
    });
    const before = writesOf(stage);
    expect(await move(stage, 2)).toMatchObject({ ok: true });
    expect(writesOf(stage)).toBe(before);
  });

  it('leaves a newer epoch alone', async () => {
    const stage = await open();
    await move(stage, 5);
    const before = writesOf(stage);
    expect(await move(stage, 4, first)).toMatchObject({
      ok: false,
      error: { kind: 'superseded', epoch: 5 },
    });
    expect(writesOf(stage)).toBe(before);
    expect(stage.answer()).toEqual([second]);
  });

  it.each<Fault>(['lost', 'lost-answer', 'late', 'http-500', 'half', 'no-json', 'wrong-json'])(
    'has no moment without one answer, no secret in its words and an end in the new address when “%s” meets any request',
    async (fault) => {
      for (let healthy = 0; healthy < 6; healthy += 1) {
        const stage = await open();
        stage.wire.fault(...Array.from({ length: healthy }, () => null), fault);
        const failed = await move(stage, 2);
        expect(stage.answer()).toHaveLength(1);
        for (const secret of stage.secrets) expect(JSON.stringify(failed)).not.toContain(secret);
        stage.wire.heal();
        stage.wire.landLate();
        expect(stage.answer()).toHaveLength(1);
        expect(await move(stage, 2)).toMatchObject({ ok: true });
        expect(stage.answer()).toEqual([second]);
      }
    },
  );

  it('tests without changing the name', async () => {
    const stage = await open();
    expect(await settled(stage, stage.provider.test())).toMatchObject({ ok: true });
    expect(stage.answer()).toEqual([first]);
    expect(await stage.provider.read()).toMatchObject({ value: { epoch: 1 } });
  });
}

/** Waits for an outcome, moving the clock on for whoever waits on it. */
export async function settled<T>({ clock }: Pick<ApiStage, 'clock'>, work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const done = work.finally(() => (state.isDone = true));
  while (!state.isDone) {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    clock.advance(1_000);
  }
  return done;
}

function writesOf(stage: ApiStage): number {
  return stage.wire.requests.filter(
    ({ method, url }) => method !== 'GET' && !url.endsWith('/api/auth'),
  ).length;
}
