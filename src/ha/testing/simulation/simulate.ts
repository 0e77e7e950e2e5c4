/** One run: a pair, on two hosts or on one, for ten virtual minutes, with everything that goes wrong in it made from one number. */
import { createHash } from 'node:crypto';

import type { PairConfig } from '../../model.ts';
import { checkedFarPair, checkedPair, homePair } from '../pair-config.ts';
import { createAgenda } from './agenda.ts';
import { createClient, createNameServer } from './clients.ts';
import { faultText, makeFaults } from './faults.ts';
import type { Fault } from './faults.ts';
import { createHost } from './host.ts';
import type { Host, HostClock } from './host.ts';
import { inject } from './inject.ts';
import { createJudge } from './judge.ts';
import { createNetwork } from './network.ts';
import { createLockRegister, createRegisterServer } from './register-server.ts';
import { seededRandom } from '../../../base/testing/seeded-random.ts';

export interface RunResult {
  readonly seed: number;
  /** On how many computers the two gateways are. */
  readonly hosts: 1 | 2;
  readonly faults: readonly Fault[];
  /** What was broken, with the virtual time; null: nothing. */
  readonly violation: string | null;
  /** Everything that happened, as one number: the same seed gives the same. */
  readonly traceHash: string;
  readonly events: number;
  readonly roleChanges: number;
  readonly acknowledged: number;
  readonly staleRefused: number;
}

export interface RunOptions {
  /** In place of the faults that the seed makes. */
  readonly faults?: readonly Fault[];
  readonly onTrace?: (line: string) => void;
}

const runMs = 600_000;
/** Nothing goes wrong before this, and nothing has to be made good after the calm begins. */
const firstFaultMs = 20_000;
const calmFromMs = 480_000;

type Configs = readonly [PairConfig, PairConfig];

const profiles = ['default', 'fast', 'safe'] as const;
const noPreference = { preempt: null };
const preference = { preempt: { preferred: 'primary', delayMs: 60_000 } } as const;
const farPairs = [noPreference, preference].map((change) =>
  profiles.map((profile): Configs => checkedFarPair({ profile, ...change })),
);
const nearPairs = [noPreference, preference].map((change) =>
  profiles.map((profile): Configs => {
    const config = checkedPair({ ...homePair(), profile, ...change });
    return [config, config];
  }),
);
/** Every so many seeds, both gateways are on one host; of all, some have a preferred gateway. */
const nearEvery = 4;
const preferredShare = 0.3;

/** Runs one seed. */
export function simulate(seed: number, options: RunOptions = {}): RunResult {
  const random = seededRandom(seed);
  const isNear = seed % nearEvery === 0;
  const hasPreferred = random.chance(preferredShare);
  const configs = random.pick((isNear ? nearPairs : farPairs)[Number(hasPreferred)]!);
  const faults = options.faults ?? makeFaults(random, firstFaultMs, calmFromMs, isNear);
  // The world's dice are its own: leaving a fault out must not change all others.
  const dice = seededRandom(seed ^ 0x5bd1e995);
  const { rateError } = configs[0].lease;
  const clocks = [0, 1].map((): HostClock => ({
    rate: 1 + dice.between(-rateError, rateError),
    offsetMs: dice.between(0, 1e7),
  }));

  const agenda = createAgenda();
  const network = createNetwork(agenda, dice);
  const register = isNear ? createLockRegister(agenda) : createRegisterServer(agenda);
  const names = createNameServer(agenda, network);
  const hash = createHash('sha256');
  const trace = (text: string): void => {
    const line = `${agenda.nowMs().toFixed(3)} ${text}`;
    hash.update(line);
    options.onTrace?.(line);
  };
  const ports = (other: () => Host | null) => ({
    agenda,
    network,
    register,
    other,
    onPublish: names.publish,
    onNews: (host: Host, text: string) => trace(`${host.place} ${text}`),
  });
  const A: Host = createHost(
    'A',
    configs[0],
    clocks[0]!,
    ports(() => (isNear ? null : B)),
  );
  const B: Host = isNear
    ? A
    : createHost(
        'B',
        configs[1],
        clocks[1]!,
        ports(() => A),
      );
  const hosts = { A, B };
  const gateways = { A: A.gateways[0]!, B: B.gateways.at(-1)! };
  for (const fault of faults) {
    inject({ agenda, network, register, names, hosts, gateways }, fault);
    agenda.at(fault.atMs, () => trace(`fault ${faultText(fault)}`));
  }
  const judge = createJudge({
    gateways: [gateways.A, gateways.B],
    register,
    names,
    config: configs[0],
    faults,
    calmFromMs,
    trace,
  });
  const client = createClient(agenda, network, gateways, 250, judge.onLanding);
  A.start();
  B.start();

  let events = 0;
  let violation: string | null = null;
  while (violation === null && agenda.step(runMs)) {
    events += 1;
    violation = judge.afterEvent(agenda.nowMs());
  }
  violation ??= judge.atEnd();
  if (violation !== null) trace(`BROKEN ${violation}`);
  return {
    seed,
    hosts: isNear ? 1 : 2,
    faults,
    violation: violation === null ? null : `${(agenda.nowMs() / 1000).toFixed(3)} s: ${violation}`,
    traceHash: hash.digest('hex'),
    events,
    roleChanges: judge.roleChanges(),
    acknowledged: client.accepted,
    staleRefused: client.refusedAsStale,
  };
}

/** Leaves out every fault without which the run breaks all the same. */
export function shrink(seed: number, faults: readonly Fault[]): readonly Fault[] {
  let needed = faults;
  for (const fault of faults) {
    const fewer = needed.filter((other) => other !== fault);
    if (simulate(seed, { faults: fewer }).violation !== null) needed = fewer;
  }
  return needed;
}
