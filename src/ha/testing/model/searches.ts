/**
 * The searches that `npm run ha:model` makes. Every one ends by itself: no state within its bounds is left out. Each bound is
 * as wide as that allows, and no narrower than what its mutants need (`targets.ts`).
 */
import {
  aMayBeIll,
  allWell,
  anyhow,
  anything,
  asking,
  bounds,
  fastSlow,
  gatewayIds,
  held,
  ofA,
  ofB,
  ofBoth,
  slowFast,
  timed,
} from './bounds.ts';
import type { Bounds } from './bounds.ts';
import { targets } from './targets.ts';

/** Small enough for `npm test`. */
export const smallSearches: readonly Bounds[] = [
  bounds('equal clocks'),
  bounds('slow holder', { lease: timed, rates: slowFast, writes: 0 }),
  bounds('lock', { lease: held, gatewaysCrash: ofBoth }),
];

/** The same wider, and more that can go wrong. */
export const fullSearches: readonly Bounds[] = [
  bounds('equal clocks, late swaps', { strays: 1 }),
  bounds('slow holder, late swaps', { lease: timed, rates: slowFast, strays: 1 }),
  bounds('fast holder', { lease: timed, rates: fastSlow }),
  bounds('any clocks', { lease: timed, rates: anyhow, writes: 0 }),
  bounds('late answers', { promptReads: false }),
  bounds('late grants and fences', {
    verdicts: [aMayBeIll[0], allWell[1]],
    registerFails: false,
    promptGateways: false,
    commands: 2,
    writes: 2,
  }),
  bounds('give back', {
    verdicts: aMayBeIll,
    registerFails: false,
    promptGateways: false,
    writes: 2,
  }),
  bounds('give back after a crash', {
    verdicts: aMayBeIll,
    registerFails: false,
    promptGateways: false,
    guardiansCrash: ofA,
  }),
  bounds('A’s guardian crashes', { registerFails: false, guardiansCrash: ofA, strays: 1 }),
  bounds('B’s guardian crashes', { registerFails: false, guardiansCrash: ofB, strays: 1 }),
  bounds('both guardians crash', { registerFails: false, guardiansCrash: ofBoth }),
  bounds('two lives', {
    verdicts: targets.twoLives.verdicts,
    settled: false,
    guardiansCrash: ofA,
    strays: 1,
  }),
  bounds('gateways crash', { verdicts: aMayBeIll, registerFails: false, gatewaysCrash: ofBoth }),
  bounds('either may be ill', { verdicts: anything, registerFails: false }),
  bounds('force', { verdicts: allWell, requests: ['force'], registerFails: false, writes: 2 }),
  bounds('force, and the register fails', { verdicts: allWell, requests: ['force'], writes: 0 }),
  bounds('hand over', {
    verdicts: allWell,
    requests: ['hand-over'],
    registerFails: false,
    beats: true,
  }),
  bounds('hold', {
    verdicts: aMayBeIll,
    requests: ['hold', 'unhold'],
    registerFails: false,
    holds: 2,
  }),
  bounds('preemption', {
    verdicts: allWell,
    registerFails: false,
    beats: true,
    preempt: { preferred: gatewayIds[1], delayMs: 1 },
  }),
  bounds('disk loss', {
    registerFails: false,
    beats: true,
    diskLosses: 1,
    maxEpoch: 3,
    writes: 0,
  }),
  bounds('disk loss, renewals', { registerFails: false, diskLosses: 1 }),
  bounds('disk loss of a new pair', {
    verdicts: targets.diskLossOfNewPair.verdicts,
    registerFails: false,
    start: null,
    settled: false,
    diskLosses: 1,
  }),
  bounds('disk loss, and B’s guardian crashes', {
    verdicts: allWell,
    registerFails: false,
    start: { epoch: 2, holder: gatewayIds[1], ctr: 1, addr: '' },
    diskLosses: 1,
    guardiansCrash: ofB,
    beats: true,
    writes: 0,
  }),
  bounds('new pair', {
    registerFails: false,
    writes: 1,
    verdicts: allWell,
    beats: true,
    start: null,
    settled: false,
    guardiansCrash: ofA,
  }),
  bounds('lock, A’s host crashes', {
    lease: held,
    verdicts: aMayBeIll,
    gatewaysCrash: ofA,
    guardiansCrash: ofA,
  }),
  bounds('lock, either may be ill', { lease: held, verdicts: anything, writes: 0 }),
  bounds('promise, late swaps', { lease: asking, strays: 1, writes: 0 }),
  bounds('promise, the one who promised crashes', {
    lease: asking,
    guardiansCrash: ofB,
    writes: 0,
  }),
];

export const allSearches: readonly Bounds[] = [...smallSearches, ...fullSearches];
