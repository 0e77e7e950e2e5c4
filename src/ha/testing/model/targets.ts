/**
 * The smallest explorations that show what goes wrong without a guard. Each is a part of some search of `searches.ts`, but for
 * `diskLossTold`: with beats and renewals, the loss of a disk has too many states to see them all.
 */
import {
  aMayBeIll,
  allWell,
  anything,
  asking,
  bounds,
  brief,
  gatewayIds,
  held,
  ofA,
  ofBoth,
  slowFast,
  timed,
} from './bounds.ts';

export const targets = {
  slowHolder: bounds('the holder’s clock is slow', { lease: timed, rates: slowFast }),
  brief: bounds('a lease of equal clocks'),
  margin: bounds('a lease of equal clocks, its past told apart', {
    lease: { ...brief, leaseMs: 5 },
    slack: 2,
  }),
  late: bounds('a late swap', { lease: asking, strays: 1 }),
  giveBack: bounds('the role is given back', {
    verdicts: aMayBeIll,
    promptGateways: false,
    writes: 2,
  }),
  lateGrant: bounds('a late grant', {
    verdicts: [aMayBeIll[0], allWell[1]],
    promptGateways: false,
    commands: 2,
    writes: 2,
  }),
  giveBackAfterCrash: bounds('the role is given back after a crash', {
    verdicts: aMayBeIll,
    promptGateways: false,
    guardiansCrash: ofA,
  }),
  crash: bounds('a guardian crashes', { guardiansCrash: ofA }),
  twoLives: bounds('two lives', {
    verdicts: [[['well', 'well']], [['well', 'down']]],
    settled: false,
    strays: 1,
    guardiansCrash: ofA,
  }),
  diskLoss: bounds('the register loses its disk', { registerFails: false, diskLosses: 1 }),
  diskLossOfNewPair: bounds('the register of a new pair loses its disk', {
    verdicts: [aMayBeIll[0], allWell[1]],
    registerFails: false,
    start: null,
    settled: false,
    diskLosses: 1,
  }),
  diskLossAndCrash: bounds('the register loses its disk, the guardians their memory', {
    verdicts: allWell,
    start: { epoch: 2, holder: gatewayIds[1], ctr: 1, addr: '' },
    diskLosses: 1,
    guardiansCrash: ofBoth,
    beats: true,
  }),
  diskLossTold: bounds('the register loses its disk, the guardians talk', {
    registerFails: false,
    diskLosses: 1,
    beats: true,
  }),
  promise: bounds('a promise', { lease: asking }),
  promiseLate: bounds('a promise and a late swap', { lease: asking, strays: 1 }),
  promiseBack: bounds('a promise of one who had the role', {
    lease: asking,
    verdicts: [[['well', 'well']], anything[1]],
  }),
  force: bounds('force', { verdicts: allWell, requests: ['force'] }),
  lock: bounds('the lock', { lease: held }),
};
