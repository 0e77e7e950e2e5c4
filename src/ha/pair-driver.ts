/**
 * Runs the reducer of one pair: sleeps, probes and the register on one side, views and events on the other.
 *
 * Invariants
 * 1. Only `dispatch` changes the state, and a command is carried out after the state that asked for it is in place.
 * 2. After `stop` nothing is dispatched, announced or written.
 */
import { assertNever } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { FailoverEvent, PairView } from '../shared/index.ts';
import type { Now, PairCommand, PairConfig, PairEvent, PairState } from './model.ts';
import type { OpenProbe, Probe, Register } from './ports.ts';
import { createPair, reducePair } from './reducer.ts';
import { nextWakeAtMs } from './schedule.ts';
import type { StallMeter } from './stall-meter.ts';
import { viewPair } from './view.ts';

export interface PairPorts {
  readonly clock: Clock;
  readonly register: Register;
  readonly openProbe: OpenProbe;
  readonly stalls: StallMeter;
  readonly onEvent: (event: FailoverEvent) => void;
  readonly onChange: () => void;
}

export interface GuardedPair {
  view(): PairView;
  /** Tells that a token for this gateway is there now. */
  credentialsArrived(gatewayId: string): void;
  stop(): void;
}

/** Guards a pair until `stop`. */
export function guardPair(config: PairConfig, ports: PairPorts): GuardedPair {
  const { clock, register, stalls } = ports;
  const now = (): Now => ({ bootMs: clock.bootMs(), wallMs: clock.wallMs() });
  let state: PairState = createPair(config, now());
  let stopped = false;
  let cancelWake = (): void => undefined;
  const probes = new Map<string, Probe>();

  const dispatch = (event: PairEvent): void => {
    if (stopped) return;
    const step = reducePair(state, event, now());
    const changed = step.state !== state;
    state = step.state;
    for (const command of step.commands) carryOut(command);
    cancelWake();
    const wakeAtMs = nextWakeAtMs(state, now());
    if (wakeAtMs !== null) {
      cancelWake = clock.after(Math.max(0, wakeAtMs - clock.bootMs()), () => {
        dispatch({ kind: 'tick' });
      });
    }
    if (changed) ports.onChange();
  };

  const carryOut = (command: PairCommand): void => {
    switch (command.kind) {
      case 'check':
        void check(command);
        break;
      case 'read-register':
        void register.read().then((result) => {
          dispatch({ kind: 'register-read', result });
        });
        break;
      case 'swap-register':
        void register.compareAndSwap(command.expected, command.next).then((result) => {
          dispatch({ kind: 'register-swapped', result });
        });
        break;
      case 'announce':
        ports.onEvent(command.event);
        break;
      default:
        assertNever(command);
    }
  };

  const check = async ({
    gatewayId,
    depth,
    serial,
    timeoutMs,
  }: Extract<PairCommand, { kind: 'check' }>): Promise<void> => {
    const probe = probes.get(gatewayId);
    if (probe === undefined) return;
    const lateness = stalls.span();
    const outcome = await probe.check(depth, timeoutMs);
    dispatch({ kind: 'checked', gatewayId, depth, serial, outcome, lateByMs: lateness() });
  };

  for (const member of [config.primary, config.standby]) {
    const onReset = (detail: string): void => {
      dispatch({ kind: 'reset', gatewayId: member.id, detail });
    };
    probes.set(member.id, ports.openProbe(member, onReset));
  }
  dispatch({ kind: 'tick' });

  return {
    view: () => viewPair(state, now()),
    credentialsArrived: (gatewayId) => {
      dispatch({ kind: 'credentials', gatewayId });
    },
    stop: () => {
      stopped = true;
      cancelWake();
      for (const probe of probes.values()) probe.close();
    },
  };
}
