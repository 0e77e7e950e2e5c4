/**
 * Whatever happens, in whatever order: never two, one holder to an epoch (both are looked for after every single thing
 * that happens, see `simulated-pair.ts`), and protection again once all is well.
 */
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, it } from 'vitest';

import { checkedFarPair, checkedPair, homePair } from '../testing/pair-config.ts';
import { simulatePair } from '../testing/simulated-pair.ts';
import type { Place, SimulatedPair } from '../testing/simulated-pair.ts';
import type { GatewayTraits } from '../testing/simulated-gateway.ts';

const place = constantFrom<Place>('primary', 'standby');
const host = constantFrom(0, 1);
const happens = <Kind extends string>(kind: Kind) => record({ kind: constant(kind), place });

const anywhere = [
  {
    weight: 6,
    arbitrary: record({ kind: constant('run' as const), ms: integer({ min: 1, max: 4_000 }) }),
  },
  {
    weight: 2,
    arbitrary: record({ kind: constant('run' as const), ms: integer({ min: 4_000, max: 40_000 }) }),
  },
  happens('kill'),
  happens('boot'),
  happens('freeze'),
  happens('thaw'),
  record({
    kind: constant('model' as const),
    place,
    model: constantFrom<GatewayTraits['model']>('works', 'fails', 'hangs', 'lies'),
  }),
  record({ kind: constant('lock' as const), place, locked: boolean() }),
  record({ kind: constant('late' as const), host, byMs: constantFrom(0, 3_000) }),
  record({
    kind: constant('next-swap' as const),
    fate: constantFrom('lost-answer' as const, 'lost-request' as const, 'late' as const),
    lateMs: constantFrom(1_000, 9_000),
  }),
  record({ kind: constant('slow-register' as const), ms: constantFrom(4, 350, 900) }),
  record({ kind: constant('crash-guardian' as const), host }),
  record({ kind: constant('start-guardian' as const), host }),
  record({ kind: constant('freeze-guardian' as const), host }),
  record({ kind: constant('thaw-guardian' as const), host }),
  record({
    kind: constant('ask' as const),
    host,
    request: constantFrom(
      'hand-over' as const,
      'hold' as const,
      'unhold' as const,
      'force' as const,
    ),
  }),
  record({ kind: constant('unheard-fence' as const), place, unheard: boolean() }),
] as const;

const acrossHosts = [
  record({ kind: constant('unreachable' as const), place, unreachable: boolean() }),
  record({ kind: constant('link' as const), host, works: boolean() }),
  record({ kind: constant('loss' as const), loss: constantFrom(0, 0.3) }),
  record({ kind: constant('looks' as const), across: boolean() }),
] as const;

const nearFault = oneof(...anywhere);
const farFault = oneof(...anywhere, ...acrossHosts);
type ValueOf<T> = T extends Arbitrary<infer Value> ? Value : never;
type Fault = ValueOf<typeof nearFault> | ValueOf<typeof farFault>;

/** Makes `fault` happen. */
async function inject(pair: SimulatedPair, fault: Fault): Promise<void> {
  const at = (index: number) => pair.hosts[index] ?? pair.hosts[0]!;
  switch (fault.kind) {
    case 'run':
      return pair.run(fault.ms);
    case 'kill':
      pair[fault.place].kill();
      return;
    case 'boot':
      pair[fault.place].boot();
      return;
    case 'freeze':
      pair[fault.place].freeze();
      return;
    case 'thaw':
      pair[fault.place].thaw();
      return;
    case 'model':
      pair[fault.place].model = fault.model;
      return;
    case 'lock':
      pair[fault.place].locked = fault.locked;
      return;
    case 'late':
      at(fault.host).lateByMs = fault.byMs;
      return;
    case 'next-swap':
      pair.register.nextSwap = fault.fate;
      pair.register.lateMs = fault.lateMs;
      return;
    case 'slow-register':
      pair.register.tookMs = fault.ms;
      return;
    case 'crash-guardian':
      at(fault.host).crash();
      return;
    case 'start-guardian':
      if (at(fault.host).guardian === null) at(fault.host).start();
      return;
    case 'freeze-guardian':
      at(fault.host).freeze();
      return;
    case 'thaw-guardian':
      at(fault.host).thaw();
      return;
    case 'ask':
      at(fault.host).guardian?.ask(fault.request);
      return;
    case 'unheard-fence':
      pair[fault.place].fenceUnheard = fault.unheard;
      return;
    case 'unreachable':
      if (fault.unreachable) pair.register.unreachableBy.add(pair[fault.place].id);
      else pair.register.unreachableBy.delete(pair[fault.place].id);
      return;
    case 'link':
      pair.link.works[fault.host === 0 ? 0 : 1] = fault.works;
      return;
    case 'loss':
      pair.link.loss = fault.loss;
      return;
    case 'looks':
      pair.looksAcross = fault.across;
      return;
  }
}

function allIsWell(pair: SimulatedPair): void {
  for (const gateway of [pair.primary, pair.standby]) {
    gateway.thaw();
    gateway.boot();
    Object.assign(gateway, { model: 'works', locked: false, fenceUnheard: false });
  }
  Object.assign(pair.register, { tookMs: 4, nextSwap: 'as-it-is' });
  pair.register.unreachableBy.clear();
  Object.assign(pair.link, { loss: 0, works: [true, true] });
  // Whoever is still ended for what it did before is started again, as a supervisor does.
  for (const gateway of [pair.primary, pair.standby]) gateway.restartsAfterMs = 5_000;
  Object.assign(pair, { looksAcross: true });
  for (const each of pair.hosts) {
    each.thaw();
    each.lateByMs = 0;
    if (each.guardian === null) each.start();
    each.guardian?.ask('unhold');
  }
}

async function endsProtected(pair: SimulatedPair): Promise<void> {
  allIsWell(pair);
  await pair.run(150_000);
  const actingId = pair.acting();
  const settled = pair.hosts.map((_, index) => pair.view(index));
  for (const view of settled)
    expect(view).toMatchObject({ activeId: actingId, cover: 'protected', hold: false, busy: null });
  // Nothing is wrong any more, so nobody is moved any more.
  const changes = pair.history.length;
  await pair.run(60_000);
  expect(pair.history).toHaveLength(changes);
}

const check = { turnEveryMs: 20_000 };

it('a pair on one host keeps its promises whatever happens, and protects again once all is well', async () => {
  await assert(
    asyncProperty(array(nearFault, { maxLength: 40, size: 'max' }), async (faults) => {
      const pair = simulatePair([checkedPair(homePair(check))]);
      pair.start();
      for (const fault of faults) await inject(pair, fault);
      await endsProtected(pair);
    }),
    { numRuns: 30, seed: 20_261_122 },
  );
});

it('a pair on two hosts keeps its promises whatever happens, and protects again once all is well', async () => {
  const clocks = [
    { rate: 1.009, stepMs: 10 },
    { rate: 0.991, stepMs: 10 },
  ];
  await assert(
    asyncProperty(
      array(farFault, { maxLength: 40, size: 'max' }),
      boolean(),
      async (faults, firstIsFast) => {
        const pair = simulatePair(checkedFarPair({ check }), {
          clocks: firstIsFast ? clocks : clocks.toReversed(),
        });
        pair.start();
        for (const fault of faults) await inject(pair, fault);
        await endsProtected(pair);
      },
    ),
    { numRuns: 45, seed: 20_261_122 },
  );
});
