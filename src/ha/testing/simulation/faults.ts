/** What goes wrong in a run, made up from its seed before it begins, so that a run can be told again and shortened. */
import type { SeededRandom } from '../../../base/testing/seeded-random.ts';

type HostPlace = 'A' | 'B';

export type FaultKind =
  | { readonly kind: 'isolated'; readonly place: HostPlace }
  | { readonly kind: 'partition' }
  | { readonly kind: 'one-way'; readonly from: HostPlace; readonly to: HostPlace | 'register' }
  | {
      readonly kind: 'bad-weather';
      readonly lossRate: number;
      readonly jitterMs: number;
      readonly doubleRate: number;
    }
  | { readonly kind: 'guardian-crash'; readonly place: HostPlace }
  | { readonly kind: 'guardian-freeze'; readonly place: HostPlace }
  | { readonly kind: 'gateway-crash'; readonly place: HostPlace; readonly times: number }
  | { readonly kind: 'gateway-freeze'; readonly place: HostPlace }
  | { readonly kind: 'gateway-lies'; readonly place: HostPlace }
  | { readonly kind: 'provider-outage' }
  | { readonly kind: 'suspend'; readonly place: HostPlace }
  | { readonly kind: 'power-loss'; readonly place: HostPlace }
  | { readonly kind: 'register-down' }
  | { readonly kind: 'disk-loss' }
  | { readonly kind: 'slow-disk'; readonly writeMs: number }
  | { readonly kind: 'dns-down' }
  | {
      readonly kind: 'click';
      readonly place: HostPlace;
      readonly request: 'hand-over' | 'force' | 'hold';
    };

export type Fault = FaultKind & { readonly atMs: number; readonly forMs: number };

/** @param isNear both gateways are on one host, and the register is a file there
 * Faults of one run; now and then there are none. Nothing goes wrong before `fromMs`, and all is over by `untilMs`. */
export function makeFaults(
  random: SeededRandom,
  fromMs: number,
  untilMs: number,
  isNear: boolean,
): readonly Fault[] {
  if (random.chance(0.04)) return [];
  const count = 1 + Math.floor(random.unit() * 8);
  const faults: Fault[] = [];
  for (let index = 0; index < count; index += 1) {
    // Faults that meet are worse than faults that are apart.
    const near = faults.at(-1)?.atMs;
    const atMs =
      near !== undefined && random.chance(0.5)
        ? Math.min(untilMs - 1, near + random.between(0, 6_000))
        : random.between(fromMs, untilMs - 1);
    const forMs = random.chance(0.5) ? random.between(50, 5_000) : random.between(5_000, 90_000);
    faults.push({ ...makeFault(random, isNear), atMs, forMs: Math.min(forMs, untilMs - atMs) });
  }
  return faults.sort((left, right) => left.atMs - right.atMs);
}

/** Rare: a register that forgets everything. */
const diskLossRate = 0.02;

function makeFault(random: SeededRandom, isNear: boolean): FaultKind {
  const place = random.pick(['A', 'B'] as const);
  const other = place === 'A' ? 'B' : 'A';
  if (!isNear && random.chance(diskLossRate)) return { kind: 'disk-loss' };
  const makers: readonly (() => FaultKind)[] = [
    () => ({ kind: 'isolated', place }),
    () => ({ kind: 'partition' }),
    () => ({ kind: 'one-way', from: place, to: random.pick([other, 'register'] as const) }),
    () => ({
      kind: 'bad-weather',
      lossRate: random.between(0, 0.4),
      jitterMs: random.between(0, 900),
      doubleRate: random.between(0, 0.2),
    }),
    () => ({ kind: 'guardian-crash', place }),
    () => ({ kind: 'guardian-freeze', place }),
    () => ({ kind: 'gateway-crash', place, times: random.pick([1, 1, 1, 5]) }),
    () => ({ kind: 'gateway-freeze', place }),
    () => ({ kind: 'gateway-lies', place }),
    () => ({ kind: 'provider-outage' }),
    () => ({ kind: 'suspend', place }),
    () => ({ kind: 'power-loss', place }),
    () => ({ kind: 'register-down' }),
    () => ({ kind: 'slow-disk', writeMs: random.pick([200, 900, 1_500, 3_000]) }),
    () => ({ kind: 'dns-down' }),
    () => ({ kind: 'click', place, request: random.pick(['hand-over', 'force', 'hold'] as const) }),
  ];
  return random.pick(makers)();
}

/** A fault in one line. */
export function faultText({ atMs, forMs, ...fault }: Fault): string {
  const details = Object.entries(fault)
    .filter(([key]) => key !== 'kind')
    .map(([key, value]) => `${key} ${typeof value === 'number' ? value.toFixed(2) : value}`);
  const span = `${(atMs / 1000).toFixed(3)} s, for ${(forMs / 1000).toFixed(3)} s`;
  return [`${span}: ${fault.kind}`, ...details].join(', ');
}
