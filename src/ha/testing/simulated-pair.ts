import { manualClock } from '../../base/testing/manual-clock.ts';
import type { ManualClock } from '../../base/testing/manual-clock.ts';
import type { FailoverEvent } from '../../shared/index.ts';
import type {
  CheckOutcome,
  PairCommand,
  PairConfig,
  PairEvent,
  PairState,
  RegisterRead,
  RegisterRecord,
  RegisterSwap,
} from '../model.ts';
import { createPair, reducePair, sameRecord } from '../reducer.ts';
import { nextWakeAtMs } from '../schedule.ts';

/** What a simulated gateway does. A changed `process` breaks the connections to the old one. */
export interface SimulatedGateway {
  process: 'up' | 'dead' | 'frozen';
  model: 'works' | 'fails' | 'hangs';
  /** The login is refused: it cannot be checked. */
  locked: boolean;
}

export interface SimulatedPair {
  readonly clock: ManualClock;
  readonly primary: SimulatedGateway;
  readonly standby: SimulatedGateway;
  /** The register as it is on disk; tests may change it behind the reducer's back. */
  record: RegisterRecord | null;
  /** What the next swap is answered with; `lost-answer`: it happens, but its answer is lost. */
  nextSwap: 'as-it-is' | 'lost-answer' | 'lost-request';
  swapTakesMs: number;
  readable: boolean;
  /** By how much the guardian's own timers are late in every check. */
  lateByMs: number;
  state(): PairState;
  readonly events: readonly FailoverEvent[];
  /** Every swap that was asked for, with the state in which it was asked. */
  readonly swaps: readonly { readonly next: RegisterRecord; readonly state: PairState }[];
  start(): void;
  run(ms: number): void;
  /** kill -9: the held connection breaks at once. */
  kill(gateway: 'primary' | 'standby'): void;
  boot(gateway: 'primary' | 'standby'): void;
  kinds(): readonly string[];
}

const rpcTakesMs = 5;
const turnTakesMs = 600;

/** A pair under the shipped reducer, in simulated time: everything that is not the reducer is made up here. */
export function simulatePair(config: PairConfig): SimulatedPair {
  const clock = manualClock();
  const events: FailoverEvent[] = [];
  const swaps: { next: RegisterRecord; state: PairState }[] = [];
  const gateway = (): SimulatedGateway => ({ process: 'up', model: 'works', locked: false });
  let state = createPair(config, { bootMs: clock.bootMs(), wallMs: clock.wallMs() });
  let cancelWake = (): void => undefined;

  const configOf = (which: 'primary' | 'standby') => config[which];
  const gatewayOf = (id: string): SimulatedGateway =>
    id === config.primary.id ? pair.primary : pair.standby;

  const dispatch = (event: PairEvent): void => {
    const now = { bootMs: clock.bootMs(), wallMs: clock.wallMs() };
    const step = reducePair(state, event, now);
    state = step.state;
    for (const command of step.commands) carryOut(command);
    cancelWake();
    const wakeAtMs = nextWakeAtMs(state, now);
    if (wakeAtMs !== null)
      cancelWake = clock.after(wakeAtMs - now.bootMs, () => dispatch({ kind: 'tick' }));
  };

  const carryOut = (command: PairCommand): void => {
    switch (command.kind) {
      case 'announce':
        events.push(command.event);
        break;
      case 'check': {
        const { gatewayId, depth, serial } = command;
        const { outcome, tookMs } = look(gatewayOf(gatewayId), depth, command.timeoutMs);
        clock.after(tookMs, () => {
          dispatch({ kind: 'checked', gatewayId, depth, serial, outcome, lateByMs: pair.lateByMs });
        });
        break;
      }
      case 'read-register':
        clock.after(1, () => dispatch({ kind: 'register-read', result: read() }));
        break;
      case 'swap-register': {
        swaps.push({ next: command.next, state });
        clock.after(pair.swapTakesMs, () =>
          dispatch({ kind: 'register-swapped', result: swap(command.expected, command.next) }),
        );
        break;
      }
    }
  };

  const read = (): RegisterRead => {
    if (!pair.readable) return { kind: 'unreadable', detail: 'it is damaged' };
    return pair.record === null ? { kind: 'empty' } : { kind: 'found', record: pair.record };
  };

  const swap = (expected: RegisterRecord | null, next: RegisterRecord): RegisterSwap => {
    const how = pair.nextSwap;
    pair.nextSwap = 'as-it-is';
    if (how === 'lost-request') return { kind: 'unknown', detail: 'no answer' };
    const matches =
      pair.record === null
        ? expected === null
        : expected !== null && sameRecord(pair.record, expected);
    if (matches) pair.record = next;
    if (how === 'lost-answer') return { kind: 'unknown', detail: 'no answer' };
    return matches ? { kind: 'swapped' } : { kind: 'conflict' };
  };

  const pair: SimulatedPair = {
    clock,
    primary: gateway(),
    standby: gateway(),
    record: null,
    nextSwap: 'as-it-is',
    swapTakesMs: 1,
    readable: true,
    lateByMs: 0,
    state: () => state,
    events,
    swaps,
    start: () => dispatch({ kind: 'tick' }),
    run: (ms) => clock.advance(ms),
    kill: (which) => {
      pair[which].process = 'dead';
      dispatch({ kind: 'reset', gatewayId: configOf(which).id, detail: 'closed with 1006' });
    },
    boot: (which) => {
      pair[which].process = 'up';
    },
    kinds: () => events.map((event) => event.kind),
  };
  return pair;
}

function look(
  gateway: SimulatedGateway,
  depth: 'rpc' | 'turn',
  timeoutMs: number,
): { readonly outcome: CheckOutcome; readonly tookMs: number } {
  if (gateway.process === 'dead') {
    return {
      outcome: { kind: 'miss', failedAt: 'tcp', detail: 'nothing listens at its address' },
      tookMs: 1,
    };
  }
  if (gateway.process === 'frozen')
    return { outcome: { kind: 'miss', failedAt: depth, detail: 'no answer' }, tookMs: timeoutMs };
  if (gateway.locked)
    return { outcome: { kind: 'blind', detail: 'its token is refused' }, tookMs: rpcTakesMs };
  if (depth === 'rpc')
    return {
      outcome: { kind: 'ok', latencyMs: rpcTakesMs, detail: 'answers' },
      tookMs: rpcTakesMs,
    };
  switch (gateway.model) {
    case 'works':
      return {
        outcome: { kind: 'ok', latencyMs: turnTakesMs, detail: 'answered a turn' },
        tookMs: turnTakesMs,
      };
    case 'fails':
      return {
        outcome: { kind: 'miss', failedAt: 'turn', detail: 'the provider answers 503' },
        tookMs: turnTakesMs,
      };
    case 'hangs':
      return {
        outcome: { kind: 'miss', failedAt: 'turn', detail: 'no answer from the model' },
        tookMs: timeoutMs,
      };
  }
}
