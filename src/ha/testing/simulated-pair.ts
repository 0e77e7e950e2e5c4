/**
 * A pair under the shipped driver, elections and lease cells, in simulated time: on one host (one guardian, a lock) or on
 * two (two guardians, a register over the network, a link). Everything else is made up here.
 *
 * What may never happen is looked for after every single thing that happens, and ends the test:
 * 1. Two gateways act.
 * 2. A gateway acts in an epoch below one in which another acted.
 * 3. The register gives one epoch to two gateways, or writes an epoch or counter that is not higher.
 */
import type { FailoverEvent, PairView } from '../../shared/index.ts';
import type { OperatorRequest } from '../election/model.ts';
import type { PairConfig, RegisterRecord } from '../model.ts';
import { guardPair } from '../pair/driver.ts';
import type { GuardedPair } from '../pair/driver.ts';
import type { Follower, Probe } from '../ports.ts';
import { simulatedGateway } from './simulated-gateway.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import { seededRandom, simulatedLink } from './simulated-link.ts';
import type { SimulatedLink } from './simulated-link.ts';
import { simulatedRegister } from './simulated-register.ts';
import type { SimulatedRegister } from './simulated-register.ts';
import { hostClock, virtualTime } from './virtual-time.ts';
import type { HostClockTraits } from './virtual-time.ts';

export type Place = 'primary' | 'standby';

export interface SimulatedHost {
  readonly clock: ReturnType<typeof hostClock>;
  readonly guardian: GuardedPair | null;
  /** By how much the guardian's own timers are late in every check. */
  lateByMs: number;
  /** The highest epoch on its disk. */
  readonly remembered: number;
  start(): void;
  /** kill -9 of the guardian. */
  crash(): void;
  /** SIGSTOP and SIGCONT of the guardian. */
  freeze(): void;
  thaw(): void;
}

export interface SimulatedPair {
  readonly primary: SimulatedGateway;
  readonly standby: SimulatedGateway;
  /** One or two. */
  readonly hosts: readonly SimulatedHost[];
  readonly register: SimulatedRegister;
  readonly link: SimulatedLink;
  /** The other computer cannot be looked at over the network. */
  looksAcross: boolean;
  /** A person gave their word that the other is off, so what follows may be two. */
  onWord: boolean;
  readonly events: readonly (FailoverEvent & { readonly host: number })[];
  /** What followers were told: epoch and address. */
  readonly published: readonly (readonly [number, string])[];
  /** Who acted, in order, each change once; `null` while nobody does. */
  readonly history: readonly { readonly atMs: number; readonly id: string | null }[];
  start(): void;
  nowMs(): number;
  run(ms: number): Promise<void>;
  /** Runs until it is so; an error after `limitMs`. Gives how long it took. */
  runUntil(holds: () => boolean, limitMs: number): Promise<number>;
  ask(request: OperatorRequest, host?: number): string | null;
  view(host?: number): PairView;
  kinds(host?: number): readonly string[];
  /** Who acts now; null: nobody. */
  acting(): string | null;
  /** Times at which the role went to another gateway. */
  roleChanges(): number;
  /** The whole computer of this gateway is off: two hosts only. */
  powerOff(place: Place): void;
  /** Whether the standby has all that was said; it has, unless told otherwise. */
  copied(isCopied: boolean): void;
}

export interface SimulationOptions {
  readonly clocks?: readonly Partial<HostClockTraits>[];
  readonly seed?: number;
}

/** Simulates `configs`: one entry for a pair on one host, two (primary's guardian first) for a pair on two. */
export function simulatePair(
  configs: readonly PairConfig[],
  options: SimulationOptions = {},
): SimulatedPair {
  const time = virtualTime();
  const [config] = configs;
  if (config === undefined) throw new Error('a pair needs at least one guardian');
  const kind = config.register.kind === 'lock' ? 'held' : 'timed';
  const events: (FailoverEvent & { readonly host: number })[] = [];
  const published: [number, string][] = [];
  const history: { atMs: number; id: string | null }[] = [{ atMs: 0, id: null }];
  const register = simulatedRegister(time, kind);
  const link = simulatedLink(time, seededRandom(options.seed ?? 1));
  let allCopied = true;
  const resets: ((place: Place) => void)[] = [];
  const hostOf = (place: Place): number => (configs.length === 2 && place === 'standby' ? 1 : 0);

  const gatewayAt = (place: Place): SimulatedGateway =>
    simulatedGateway(
      config[place].id,
      time,
      () => hosts[hostOf(place)]!.clock.bootMs(),
      () => {
        for (const reset of resets) reset(place);
      },
    );
  const gateways = { primary: gatewayAt('primary'), standby: gatewayAt('standby') };

  const hosts = configs.map((hostConfig, index): SimulatedHost => {
    let guardian: GuardedPair | null = null;
    let frozen = false;
    let life = 0;
    let remembered = 0;
    let late: (() => void)[] = [];
    const isLocal = (place: Place): boolean => hostOf(place) === index;
    /** What happens to a guardian happens to the one that was alive then, and only while it is not frozen. */
    const deliver = (run: () => void): void => {
      if (frozen) late.push(run);
      else run();
    };
    const delivered = <Value>(promise: Promise<Value>): Promise<Value> =>
      new Promise((resolve) => {
        void promise.then((value) => {
          deliver(() => resolve(value));
        });
      });
    const clock = hostClock(
      time,
      { rate: 1, startMs: 1_000 + index * 7_777, stepMs: 1, ...options.clocks?.[index] },
      deliver,
    );
    const openProbe = (place: Place, onReset: (detail: string) => void): Probe => {
      const inLife = life;
      resets.push((broken) => {
        const isSeen = isLocal(broken) || pair.looksAcross;
        if (broken !== place || !isSeen) return;
        time.after(1, () => {
          deliver(() => {
            if (life === inLife) onReset('closed with 1006');
          });
        });
      });
      return {
        check: (depth, timeoutMs) => {
          const isBlocked = !isLocal(place) && !pair.looksAcross;
          const { outcome, tookMs } = isBlocked
            ? {
                outcome: { kind: 'miss', failedAt: 'tcp', detail: 'no route' } as const,
                tookMs: timeoutMs,
              }
            : gateways[place].look(depth, timeoutMs);
          return delivered(
            new Promise((resolve) => {
              time.after(tookMs, () => resolve(outcome));
            }),
          );
        },
        close: () => undefined,
      };
    };
    const placeOf = (gatewayId: string): Place =>
      gatewayId === config.primary.id ? 'primary' : 'standby';

    const host: SimulatedHost = {
      clock,
      lateByMs: 0,
      get guardian() {
        return guardian;
      },
      get remembered() {
        return remembered;
      },
      start: () => {
        life += 1;
        guardian = guardPair(hostConfig, {
          clock,
          stalls: { span: () => () => host.lateByMs, stop: () => undefined },
          register: (gatewayId) => {
            const opened = register.open(gateways[placeOf(gatewayId)]);
            return {
              read: () => delivered(opened.read()),
              compareAndSwap: (expected, next) => delivered(opened.compareAndSwap(expected, next)),
            };
          },
          fence: (gatewayId) => {
            const port = gateways[placeOf(gatewayId)].fencePort(kind, hostConfig.check.timeoutMs);
            return {
              ...port,
              fence: (seq, kill) => delivered(port.fence(seq, kill)),
              drain: (limitMs) => delivered(port.drain(limitMs)),
            };
          },
          openProbe: (member, _local, onReset) => openProbe(placeOf(member.id), onReset),
          peer: configs.length === 2 ? link.open(index === 0 ? 0 : 1, deliver) : null,
          followers: [followerOf(published)],
          carriers: {
            mirror: {
              follow: () => undefined,
              complete: () => allCopied,
              view: () => null,
              caughtUp: async () => undefined,
            },
            workspace: null,
            duties: null,
          },
          epochs: {
            highest: remembered,
            remember: (epoch) => {
              remembered = Math.max(remembered, epoch);
            },
          },
          onEvent: (event) => events.push({ ...event, host: index }),
          onChange: () => undefined,
        });
      },
      crash: () => {
        guardian?.stop();
        guardian = null;
        life += 1;
        late = [];
        frozen = false;
        if (configs.length === 2) link.restart(index === 0 ? 0 : 1);
      },
      freeze: () => {
        frozen = true;
      },
      thaw: () => {
        frozen = false;
        const runs = late;
        late = [];
        for (const run of runs) deliver(run);
      },
    };
    return host;
  });

  const judge = createJudge(gateways, register);
  const look = (): void => {
    if (!pair.onWord) judge(time.nowMs());
    const id = pair.acting();
    if (history.at(-1)?.id !== id) history.push({ atMs: time.nowMs(), id });
  };

  const pair: SimulatedPair = {
    ...gateways,
    hosts,
    register,
    link,
    looksAcross: true,
    onWord: false,
    events,
    published,
    history,
    start: () => {
      for (const host of hosts) host.start();
    },
    nowMs: () => time.nowMs(),
    run: async (ms) => {
      await time.run(ms, () => {
        look();
        return false;
      });
    },
    runUntil: async (holds, limitMs) => {
      const startedAtMs = time.nowMs();
      const held = await time.run(limitMs, () => {
        look();
        return holds();
      });
      if (!held) throw new Error(`it was not so within ${String(limitMs)} ms`);
      return time.nowMs() - startedAtMs;
    },
    ask: (request, host = 0) => guardianOf(hosts, host).ask(request),
    view: (host = 0) => guardianOf(hosts, host).view(),
    kinds: (host = 0) => events.filter((event) => event.host === host).map((event) => event.kind),
    acting: () => Object.values(gateways).find((gateway) => gateway.acts())?.id ?? null,
    roleChanges: () => {
      const holders = history.flatMap(({ id }) => (id === null ? [] : [id]));
      return holders.filter((id, index) => index > 0 && holders[index - 1] !== id).length;
    },
    powerOff: (place) => {
      hosts[hostOf(place)]!.crash();
      pair.looksAcross = false;
      gateways[place].kill();
    },
    copied: (isCopied) => {
      allCopied = isCopied;
    },
  };
  return pair;
}

function guardianOf(hosts: readonly SimulatedHost[], index: number): GuardedPair {
  const guardian = hosts[index]?.guardian;
  if (guardian === null || guardian === undefined) throw new Error('that guardian does not run');
  return guardian;
}

function followerOf(published: [number, string][]): Follower {
  return {
    publish: (epoch, addr) => {
      published.push([epoch, addr]);
    },
    view: () => ({
      provider: 'dnsmasq',
      name: 'gateway.home.lan',
      address: published.at(-1)?.[1] ?? null,
      epoch: published.at(-1)?.[0] ?? 0,
      ok: true,
      ttlSeconds: 0,
      checkedAtMs: null,
      detail: '',
    }),
    onChange: () => () => undefined,
  };
}

function createJudge(
  gateways: Readonly<Record<Place, SimulatedGateway>>,
  register: SimulatedRegister,
): (nowMs: number) => void {
  const holders = new Map<number, string>();
  let judged = 0;
  let newest: RegisterRecord | null = null;
  let highest = 0;
  return (nowMs) => {
    const wrong = (words: string): never => {
      throw new Error(`at ${String(nowMs)} ms: ${words}`);
    };
    const acting = Object.values(gateways).filter((gateway) => gateway.acts());
    if (acting.length > 1) wrong('two gateways act');
    for (const { id, cell } of acting) {
      if (cell.epoch < highest)
        wrong(`${id} acts in epoch ${String(cell.epoch)}, below ${String(highest)}`);
      highest = cell.epoch;
      const holder = holders.get(cell.epoch) ?? id;
      if (holder !== id) wrong(`${id} acts in an epoch of ${holder}`);
      holders.set(cell.epoch, id);
    }
    for (const record of register.written.slice(judged)) {
      judged += 1;
      const { epoch, holder, ctr } = record;
      if (
        newest !== null &&
        (epoch < newest.epoch || (epoch === newest.epoch && ctr <= newest.ctr))
      )
        wrong(`the register went from ${JSON.stringify(newest)} to ${JSON.stringify(record)}`);
      newest = record;
      if (holder === 'none' || holder === 'revoked') continue;
      if ((holders.get(epoch) ?? holder) !== holder)
        wrong(`epoch ${String(epoch)} has two holders`);
      holders.set(epoch, holder);
    }
  };
}
