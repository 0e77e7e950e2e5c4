/**
 * A host: a clock of its own, a guardian that runs the shipped pair reducer, and a gateway.
 *
 * Invariants
 * 1. A guardian that is down hears nothing and has forgotten everything but the highest epoch; one that is frozen hears
 *    everything later, in order.
 * 2. What an earlier life of the guardian asked for is answered to nobody.
 */
import type { OperatorRequest, PeerMessage } from '../../election/model.ts';
import type { CheckOutcome, PairConfig, RegisterRead, RegisterSwap } from '../../model.ts';
import type { PairCommand, PairEvent, PairState } from '../../pair/model.ts';
import { createPair, reducePair } from '../../pair/pair.ts';
import { nextWakeAtMs } from '../../pair/schedule.ts';
import type { Agenda } from './agenda.ts';
import { createGateway } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import type { Network, Place } from './network.ts';
import type { RegisterServer } from './register-server.ts';

export interface HostClock {
  /** How fast it runs: 1 is right. */
  readonly rate: number;
  readonly offsetMs: number;
}

export interface Host {
  readonly place: 'A' | 'B';
  /** Those that run on it. */
  readonly gateways: readonly Gateway[];
  /** Null: the guardian is down. */
  state(): PairState | null;
  bootMs(): number;
  start(): void;
  crash(): void;
  freeze(): void;
  thaw(): void;
  hear(message: PeerMessage): void;
  ask(request: OperatorRequest): void;
  /** Suspended or without power: nothing on it runs. */
  suspend(): void;
  resume(): void;
}

export interface HostPorts {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly register: RegisterServer;
  /** Null: both gateways are on this host. */
  readonly other: () => Host | null;
  readonly onPublish: (host: Host, epoch: number, addr: string) => void;
  readonly onNews: (host: Host, text: string) => void;
}

/** Linux tells boot time in steps of this. */
const clockStepMs = 10;
const registerTimeoutMs = 1_000;

export function createHost(
  place: 'A' | 'B',
  config: PairConfig,
  clock: HostClock,
  ports: HostPorts,
): Host {
  const { agenda, network, register } = ports;
  const server: Place = 'register';
  let state: PairState | null = null;
  let life = 0;
  let frozen = false;
  let frozenSinceMs = 0;
  let stalledMs = 0;
  let thawedAtMs = Number.NEGATIVE_INFINITY;
  let backlog: (() => void)[] = [];
  let wakeAtMs = Number.POSITIVE_INFINITY;
  let keptEpoch = 0;

  const bootMs = (): number =>
    Math.floor((agenda.nowMs() * clock.rate + clock.offsetMs) / clockStepMs) * clockStepMs;
  const now = () => ({ bootMs: bootMs(), wallMs: agenda.nowMs() });
  const gateways = (['primary', 'standby'] as const)
    .filter((member) => config.local === 'both' || config.local === member)
    .map((member): Gateway => {
      const { id } = config[member];
      return createGateway(id, agenda, bootMs, () =>
        post({ kind: 'reset', gatewayId: id, detail: 'closed' }),
      );
    });
  const gatewayOf = (id: string): Gateway | undefined => gateways.find((one) => one.id === id);
  /** To the register and back: over the network, or to a file that is here. */
  const isNear = config.local === 'both';
  const ask = (run: () => void): void =>
    isNear ? agenda.after(0, run) : network.send(place, server, run);
  const tell = (run: () => void): void =>
    isNear ? agenda.after(0, run) : network.send(server, place, run);

  /** Runs in this life of the guardian: now, when it goes on, or never. */
  const inGuardian = (bornIn: number, run: () => void): void => {
    if (life !== bornIn || state === null) return;
    if (frozen) backlog.push(() => inGuardian(bornIn, run));
    else run();
  };
  const post = (event: PairEvent): void => inGuardian(life, () => dispatch(event));

  const dispatch = (event: PairEvent): void => {
    if (state === null) return;
    const step = reducePair(state, event, now());
    state = step.state;
    for (const node of state.nodes) keptEpoch = Math.max(keptEpoch, node.maxEpoch);
    for (const command of step.commands) carryOut(command);
    arm();
  };

  const arm = (): void => {
    if (state === null) return;
    const wake = nextWakeAtMs(state, now());
    if (wake === null || wake === wakeAtMs) return;
    wakeAtMs = wake;
    const bornIn = life;
    // A timer is never early on its own clock, and always a little late.
    const inMs = Math.max(0.05, (wake - clock.offsetMs) / clock.rate - agenda.nowMs() + 0.05);
    agenda.after(inMs, () => {
      if (wakeAtMs !== wake) return;
      inGuardian(bornIn, () => {
        wakeAtMs = Number.POSITIVE_INFINITY;
        dispatch({ kind: 'tick', lateByMs: Math.max(0, bootMs() - wake) });
      });
    });
  };

  const carryOut = (command: PairCommand): void => {
    const bornIn = life;
    const answer = (event: PairEvent): void => inGuardian(bornIn, () => dispatch(event));
    switch (command.kind) {
      case 'check':
        check(command, bornIn);
        break;
      case 'read-register': {
        const { node, id } = command;
        const done = once<RegisterRead>({ kind: 'unreadable', detail: 'no answer' }, (result) =>
          answer({ kind: 'register-read', node, id, result }),
        );
        ask(() =>
          register.read((record) =>
            tell(() => done(record === null ? { kind: 'empty' } : { kind: 'found', record })),
          ),
        );
        break;
      }
      case 'swap-register': {
        const { node, id, expected, next } = command;
        const done = once<RegisterSwap>({ kind: 'unknown', detail: 'no answer' }, (result) =>
          answer({ kind: 'register-swapped', node, id, result }),
        );
        ask(() =>
          register.swap(gatewayOf(node)!, expected, next, (kind) => tell(() => done({ kind }))),
        );
        break;
      }
      case 'grant':
        // With a lock there are no grants: the plugin refuses them.
        if (!isNear) agenda.after(1, () => gatewayOf(command.node)?.grant(command));
        break;
      case 'fence': {
        const { node, seq, kill } = command;
        agenda.after(1, () =>
          gatewayOf(node)?.fence(seq, kill, () =>
            agenda.after(1, () => answer({ kind: 'gateway-fenced', node, seq })),
          ),
        );
        break;
      }
      case 'drain':
        agenda.after(200, () => answer({ kind: 'drained', node: command.node }));
        break;
      case 'send': {
        const { message } = command;
        network.send(place, otherPlace, () => ports.other()?.hear(message));
        break;
      }
      case 'publish':
        ports.onPublish(host, command.epoch, command.addr);
        break;
      case 'announce':
        ports.onNews(
          host,
          `${command.event.kind} (epoch ${String(command.event.epoch)}): ${command.event.reason}`,
        );
        break;
      case 'answer':
        break;
    }
  };

  /** The first answer counts; none within the time limit is one as well. */
  const once = <Result>(
    late: Result,
    answer: (result: Result) => void,
  ): ((result: Result) => void) => {
    let isOpen = true;
    const finish = (result: Result): void => {
      if (isOpen) answer(result);
      isOpen = false;
    };
    agenda.after(registerTimeoutMs, () => finish(late));
    return finish;
  };

  const check = (
    { gatewayId, depth, serial, timeoutMs }: Extract<PairCommand, { kind: 'check' }>,
    bornIn: number,
  ): void => {
    const startedAtMs = agenda.nowMs();
    const silence = { kind: 'miss', failedAt: 'tcp', detail: 'no answer' } as const;
    let isOpen = true;
    const finish = (outcome: CheckOutcome): void => {
      if (!isOpen) return;
      isOpen = false;
      inGuardian(bornIn, () => {
        const lateByMs = thawedAtMs >= startedAtMs ? stalledMs : 0;
        dispatch({ kind: 'checked', gatewayId, depth, serial, outcome, lateByMs });
      });
    };
    agenda.after(timeoutMs, () => finish(silence));
    const here = gatewayOf(gatewayId);
    if (here !== undefined) {
      here.check(depth, timeoutMs, finish);
      return;
    }
    network.send(place, otherPlace, () =>
      ports
        .other()
        ?.gateways[0]?.check(depth, timeoutMs, (outcome) =>
          network.send(otherPlace, place, () => finish(outcome)),
        ),
    );
  };

  const otherPlace: Place = place === 'A' ? 'B' : 'A';
  const host: Host = {
    place,
    gateways,
    state: () => state,
    bootMs,
    start: () => {
      if (state !== null) return;
      life += 1;
      state = createPair(config, now(), keptEpoch);
      wakeAtMs = Number.POSITIVE_INFINITY;
      post({ kind: 'tick', lateByMs: 0 });
    },
    crash: () => {
      state = null;
      life += 1;
      backlog = [];
    },
    freeze: () => {
      if (frozen) return;
      frozen = true;
      frozenSinceMs = agenda.nowMs();
    },
    thaw: () => {
      if (!frozen) return;
      frozen = false;
      stalledMs = agenda.nowMs() - frozenSinceMs;
      thawedAtMs = agenda.nowMs();
      const late = backlog;
      backlog = [];
      for (const run of late) run();
    },
    hear: (message) => post({ kind: 'heard', message }),
    ask: (request) => post({ kind: 'operator', request }),
    suspend: () => {
      host.freeze();
      for (const gateway of gateways) gateway.freeze();
    },
    resume: () => {
      for (const gateway of gateways) gateway.thaw();
      host.thaw();
    },
  };
  return host;
}
