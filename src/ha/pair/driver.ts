/**
 * Runs the reducer of one pair: sleeps, probes, registers, fences and the link on one side, views and events on the other.
 *
 * Invariants
 * 1. Only `dispatch` changes the state, and a command is carried out after the state that asked for it is in place.
 * 2. After `stop` nothing is dispatched, announced, granted or written.
 * 3. An epoch is remembered on disk before anything is granted in it.
 */
import { assertNever } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { FailoverEvent, PairView } from '../../shared/index.ts';
import type { OperatorRequest, PeerMessage } from '../election/model.ts';
import type { CheckOutcome, Now, PairConfig } from '../model.ts';
import type {
  Carriers,
  FencePort,
  Follower,
  OpenProbe,
  PeerPort,
  Probe,
  Register,
} from '../ports.ts';
import type { StallMeter } from '../stall-meter.ts';
import type { PairCommand, PairEvent, PairState } from './model.ts';
import { createPair, reducePair } from './pair.ts';
import { nextWakeAtMs } from './schedule.ts';
import { epochOf } from './step.ts';
import { viewPair } from './view.ts';

export interface PairPorts {
  readonly clock: Clock;
  readonly stalls: StallMeter;
  /** The register as the node of this local gateway reaches it. */
  readonly register: (gatewayId: string) => Register;
  /** The fence of a local gateway. */
  readonly fence: (gatewayId: string) => FencePort;
  readonly openProbe: OpenProbe;
  /** The guardian of the other host; null where both gateways are here. */
  readonly peer: PeerPort | null;
  /** What follows the active gateway: DNS. */
  readonly followers: readonly Follower[];
  readonly carriers: Carriers;
  /** The highest epoch that was remembered, and how to remember a higher one (durable when it returns). */
  readonly epochs: { readonly highest: number; remember(epoch: number): void };
  readonly onEvent: (event: FailoverEvent) => void;
  readonly onChange: () => void;
}

export interface GuardedPair {
  readonly id: string;
  /** What people call a member. */
  nameOf(gatewayId: string): string;
  view(): PairView;
  /** Tells that a token for this gateway is there now. */
  credentialsArrived(gatewayId: string): void;
  /** Has a member answer a whole turn, out of turn: what is known of it does not change. `blind`: not from this host. */
  askTurn(gatewayId: string): Promise<CheckOutcome>;
  /** How many turns run in a member, checks not counted; null: not known here. */
  running(gatewayId: string): Promise<number | null>;
  /** Asks for a change; the answer says why not, or null. */
  ask(request: OperatorRequest): string | null;
  /** Puts something that others found out on the timeline. */
  note(event: Pick<FailoverEvent, 'kind' | 'gatewayId' | 'reason'>): void;
  stop(): void;
}

/** So long a gateway that gives the role away waits for the other one to have all that was said. */
const flushMs = 2_000;

/** Guards a pair until `stop`. */
export function guardPair(config: PairConfig, ports: PairPorts): GuardedPair {
  const { clock, stalls, peer } = ports;
  const { mirror, workspace, duties } = ports.carriers;
  const now = (): Now => ({ bootMs: clock.bootMs(), wallMs: clock.wallMs() });
  let state: PairState = createPair(config, now(), ports.epochs.highest);
  let remembered = ports.epochs.highest;
  let stopped = false;
  let cancelWake = (): void => undefined;
  const probes = new Map<string, Probe>();
  const undo: (() => void)[] = [];
  /** The other guardian said in its last beat that our gateway has all that was said to its own. */
  let peerCopied = false;

  const withCopied = (message: PeerMessage): PeerMessage =>
    message.kind === 'beat' && mirror !== null
      ? { ...message, copied: mirror.complete() }
      : message;

  const dispatch = (event: PairEvent): readonly PairCommand[] => {
    if (stopped) return [];
    const copied = mirror?.complete() ?? true;
    const step = reducePair({ ...state, copied }, event, now());
    state = step.state;
    rememberEpoch();
    for (const command of step.commands) carryOut(command);
    const active = activeHere(state);
    mirror?.follow(active === null ? null : { ...active, inherited: peerCopied });
    workspace?.follow(active);
    duties?.follow(active);
    cancelWake();
    const wakeAtMs = nextWakeAtMs(state, now());
    if (wakeAtMs !== null) {
      cancelWake = clock.after(Math.max(0, wakeAtMs - clock.bootMs()), () => {
        dispatch({ kind: 'tick', lateByMs: Math.max(0, clock.bootMs() - wakeAtMs) });
      });
    }
    ports.onChange();
    return step.commands;
  };

  const rememberEpoch = (): void => {
    const epoch = Math.max(epochOf(state), ...state.nodes.map((node) => node.maxEpoch));
    if (epoch <= remembered) return;
    ports.epochs.remember(epoch);
    remembered = epoch;
  };

  const carryOut = (command: PairCommand): void => {
    switch (command.kind) {
      case 'check':
        void check(command);
        break;
      case 'read-register': {
        const { node, id } = command;
        void ports
          .register(node)
          .read()
          .then((result) => dispatch({ kind: 'register-read', node, id, result }));
        break;
      }
      case 'swap-register': {
        const { node, id, expected, next } = command;
        void ports
          .register(node)
          .compareAndSwap(expected, next)
          .then((result) => dispatch({ kind: 'register-swapped', node, id, result }));
        break;
      }
      case 'grant':
        ports.fence(command.node).grant(command);
        break;
      case 'fence': {
        const { node, seq, kill } = command;
        void ports
          .fence(node)
          .fence(seq, kill)
          .then((fenced) => {
            if (fenced) dispatch({ kind: 'gateway-fenced', node, seq });
          });
        break;
      }
      case 'drain': {
        const { node, timeoutMs } = command;
        void ports
          .fence(node)
          .drain(timeoutMs)
          .then(() =>
            Promise.all([
              duties?.handedOver(flushMs),
              mirror?.caughtUp(flushMs),
              workspace?.caughtUp(flushMs),
            ]),
          )
          .then(() => dispatch({ kind: 'drained', node }));
        break;
      }
      case 'publish':
        for (const follower of ports.followers) follower.publish(command.epoch, command.addr);
        break;
      case 'send':
        peer?.send(withCopied(command.message));
        break;
      case 'answer':
        break; // `ask` reads it from what `dispatch` gives back
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

  for (const [place, member] of [
    ['primary', config.primary],
    ['standby', config.standby],
  ] as const) {
    const local = config.local === 'both' || config.local === place;
    const onReset = (detail: string): void => {
      dispatch({ kind: 'reset', gatewayId: member.id, detail });
    };
    probes.set(member.id, ports.openProbe(member, local, onReset));
  }
  if (peer !== null)
    undo.push(
      peer.onMessage((message) => {
        if (message.kind === 'beat') peerCopied = message.copied === true;
        dispatch({ kind: 'heard', message });
      }),
    );
  for (const follower of ports.followers) undo.push(follower.onChange(ports.onChange));
  dispatch({ kind: 'tick', lateByMs: 0 });

  return {
    id: config.id,
    nameOf: (gatewayId) =>
      [config.primary, config.standby].find(({ id }) => id === gatewayId)?.name ?? gatewayId,
    view: () =>
      viewPair(
        state,
        {
          dns: ports.followers.map((follower) => follower.view()),
          carried: {
            mirror: mirror?.view() ?? null,
            workspace: workspace?.view() ?? null,
            duties: duties?.view() ?? null,
          },
          fences: Object.fromEntries(
            state.nodes.map(({ config: { self } }) => [self, ports.fence(self).state()]),
          ),
          linkDetail: peer?.detail() ?? '',
        },
        now(),
      ),
    askTurn: async (gatewayId) =>
      (await probes.get(gatewayId)?.check('turn', config.check.turnTimeoutMs)) ?? {
        kind: 'blind',
        detail: 'it is not in this pair',
      },
    running: async (gatewayId) =>
      state.nodes.some((node) => node.config.self === gatewayId)
        ? ports.fence(gatewayId).running()
        : null,
    credentialsArrived: (gatewayId) => {
      dispatch({ kind: 'credentials', gatewayId });
    },
    ask: (request) => {
      const answer = dispatch({ kind: 'operator', request }).find(({ kind }) => kind === 'answer');
      return answer?.kind === 'answer' ? answer.refusal : null;
    },
    note: (event) => {
      dispatch({ kind: 'note', event });
    },
    stop: () => {
      stopped = true;
      cancelWake();
      mirror?.follow(null);
      workspace?.follow(null);
      duties?.follow(null);
      for (const end of undo) end();
      for (const probe of probes.values()) probe.close();
    },
  };
}

/** The local gateway whose conversations are the pair's, also while it lets its last turns end. */
function activeHere(
  state: PairState,
): { readonly gatewayId: string; readonly epoch: number } | null {
  const node = state.nodes.find(({ role }) => role === 'active' || role === 'draining');
  return node === undefined ? null : { gatewayId: node.config.self, epoch: epochOf(state) };
}
