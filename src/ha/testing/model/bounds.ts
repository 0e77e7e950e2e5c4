/** How far an exploration goes, and what may go wrong in it. One entry, one exhaustive search. */
import type { RegisterRecord } from '../../model.ts';
import type { ElectionConfig, LeaseTerms, OperatorRequest, Verdict } from '../../election/model.ts';

type Findings = readonly (readonly [self: Verdict, peer: Verdict])[];

export interface Bounds {
  readonly name: string;
  readonly lease: LeaseTerms;
  readonly preempt: ElectionConfig['preempt'];
  /** Writes to the register of a higher epoch are lost on their way, and so are more than `writes`, each takeover not counted. */
  readonly maxEpoch: number;
  readonly writes: number;
  /** Messages under way at once, in each direction between the guardians. */
  readonly inFlight: number;
  /** Grants and fences under way at once from a guardian to its gateway, and answers back. */
  readonly commands: number;
  /** Swaps of one host that may still arrive though nobody waits for them. */
  readonly strays: number;
  /** An operation of the register may have no answer, its swap may be lost; else each is handled and answered, if late. */
  readonly registerFails: boolean;
  /** A read is answered when the register handles it, or never; else the answer may come late. */
  readonly promptReads: boolean;
  /** A gateway gets what its guardian sends at once; else it may get it late, in another order, or never. */
  readonly promptGateways: boolean;
  /** Whose guardian may die, and start again, at any time: A's, B's. */
  readonly guardiansCrash: readonly [boolean, boolean];
  readonly gatewaysCrash: readonly [boolean, boolean];
  /** A message between the guardians may arrive more than once. */
  readonly duplicates: boolean;
  /** What each guardian may find: its own gateway, the other one. True or not: health is never trusted. */
  readonly verdicts: readonly [Findings, Findings];
  readonly requests: readonly OperatorRequest[];
  /** How many times a person changes the hold. */
  readonly holds: number;
  /** How often the register loses its disk. */
  readonly diskLosses: number;
  /** One step of real time, in ticks of the two hosts' clocks: all the ways in which they may run apart. */
  readonly rates: readonly (readonly [number, number])[];
  /** By how many ticks more than it must the past is told apart: for mutants, which count in another way. */
  readonly slack: number;
  /** What the register holds when both guardians start; null: a new pair. */
  readonly start: RegisterRecord | null;
  /** It begins with a pair that works, in place of one whose guardians have just started. */
  readonly settled: boolean;
  /** Guardians tell each other how they are. */
  readonly beats: boolean;
  /** The host's clock stops while it sleeps: an error that a boot clock does not make; for a mutant of the world. */
  readonly clocksStop: boolean;
  /** An operating-system lock keeps others out; false is for a mutant of the world. */
  readonly locksHold: boolean;
  /** The register writes only over exactly what was expected; false is for a mutant of the world. */
  readonly conditional: boolean;
  config(index: number): ElectionConfig;
}

export const gatewayIds = ['A', 'B'] as const;

type Timed = Extract<LeaseTerms, { kind: 'timed' }>;

/** A step of real time is two ticks; a clock that is half wrong shows one, or three. */
export const timed: Timed = {
  kind: 'timed',
  leaseMs: 8,
  renewEveryMs: 1,
  rateError: 0.5,
  marginMs: 1,
};

/** As few steps as a lease can have, for what takes many leases to show. */
export const brief: Timed = { ...timed, leaseMs: 4, rateError: 0 };

/** As short as a lease can be and yet outlive a promise that is asked for at its end. */
export const asking: Timed = { ...timed, leaseMs: 6, rateError: 0 };

export const held: LeaseTerms = { kind: 'held' };

export const alike: Bounds['rates'] = [[2, 2]];
export const slowFast: Bounds['rates'] = [[1, 3]];
export const fastSlow: Bounds['rates'] = [[3, 1]];
export const anyhow: Bounds['rates'] = [...slowFast, ...fastSlow, ...alike];

/** Both always want the role, right or wrong. */
export const greedy: Bounds['verdicts'] = [[['well', 'down']], [['well', 'down']]];
/** A is now well and now ill, B wants the role. */
export const aMayBeIll: Bounds['verdicts'] = [
  [
    ['well', 'well'],
    ['down', 'well'],
  ],
  [['well', 'down']],
];
/** Each may find anything that moves it, at any time. */
export const anything: Bounds['verdicts'] = [
  [
    ['well', 'down'],
    ['down', 'well'],
  ],
  [
    ['well', 'down'],
    ['down', 'well'],
  ],
];
export const allWell: Bounds['verdicts'] = [[['well', 'well']], [['well', 'well']]];

const nobodys = [false, false] as const;
export const ofA = [true, false] as const;
export const ofB = [false, true] as const;
export const ofBoth = [true, true] as const;

/** Everything that a search does not name: a pair that works, both of whose guardians find that they should have the role. */
export function bounds(
  name: string,
  change: Partial<Omit<Bounds, 'config' | 'name'>> = {},
): Bounds {
  const merged: Omit<Bounds, 'config'> = {
    name,
    lease: brief,
    preempt: null,
    maxEpoch: 2,
    writes: 1,
    inFlight: 1,
    commands: 1,
    strays: 0,
    registerFails: true,
    promptReads: true,
    promptGateways: true,
    guardiansCrash: nobodys,
    gatewaysCrash: nobodys,
    duplicates: false,
    verdicts: greedy,
    requests: [],
    holds: 0,
    diskLosses: 0,
    rates: alike,
    start: { epoch: 1, holder: gatewayIds[0], ctr: 1, addr: '' },
    settled: true,
    beats: false,
    clocksStop: false,
    locksHold: true,
    conditional: true,
    slack: 0,
    ...change,
  };
  const configs = [0, 1].map((index) => configOf(index, merged.lease, merged.preempt));
  return { ...merged, config: (index) => configs[index]! };
}

function configOf(
  index: number,
  lease: LeaseTerms,
  preempt: ElectionConfig['preempt'],
): ElectionConfig {
  return {
    self: gatewayIds[index]!,
    peer: gatewayIds[1 - index]!,
    addr: '',
    lease,
    primary: gatewayIds[0],
    preempt,
    drainMs: 1,
    fenceMs: 1,
    yieldMs: 1,
    peerFreshMs: 1,
    retryMs: 1,
  };
}
