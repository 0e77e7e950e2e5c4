/**
 * A gateway process on a simulated host, with the shipped lease cell inside. It is told what to be like, and answers
 * probes and its fence as such a gateway would.
 */
import { emptyCell, fenceCell, grantCell, mayAct } from '../fence/lease-cell.ts';
import type { LeaseCell } from '../fence/lease-cell.ts';
import type { CheckOutcome, ProbeDepth } from '../model.ts';
import type { FencePort } from '../ports.ts';
import type { VirtualTime } from './virtual-time.ts';

const fastTakesMs = 5;
const turnTakesMs = 600;
const callTakesMs = 2;

/** What a gateway is like; tests change it as they please. */
export interface GatewayTraits {
  model: 'works' | 'fails' | 'hangs' | 'lies';
  /** The login is refused: it cannot be checked. */
  locked: boolean;
  /** How long running turns take to end in a drain. */
  drainTakesMs: number;
  /** Confirmations of fences do not reach the guardian. */
  fenceUnheard: boolean;
  /** How long after its end somebody starts it again; null: nobody does. */
  restartsAfterMs: number | null;
}

export interface SimulatedGateway extends GatewayTraits {
  readonly id: string;
  readonly process: 'up' | 'dead' | 'frozen';
  /** Which life of the process this is; a lock belongs to one life. */
  readonly life: number;
  readonly cell: LeaseCell;
  /** It would do what it is asked to, such as write, deliver, run a tool. */
  acts(): boolean;
  /** kill -9: its connections break at once, its locks are free. */
  kill(): void;
  /** SIGSTOP: connections stay, what is sent to it waits. */
  freeze(): void;
  /** SIGCONT: what waited is done now, in order. */
  thaw(): void;
  boot(): void;
  /** Runs something in the process: now, when it is thawed, or never. False: there is no process. */
  request(run: () => void): boolean;
  setCell(cell: LeaseCell): void;
  look(
    depth: ProbeDepth,
    timeoutMs: number,
  ): { readonly outcome: CheckOutcome; readonly tookMs: number };
  /** The guardian's side of its fence. `held`: there are no grants, the lock is the right to act. */
  fencePort(kind: 'held' | 'timed', timeoutMs: number): FencePort;
}

/** Makes a gateway that runs and is well. `onEnd` is called when its process ends. */
export function simulatedGateway(
  id: string,
  time: VirtualTime,
  bootMs: () => number,
  onEnd: () => void,
): SimulatedGateway {
  let process: SimulatedGateway['process'] = 'up';
  let life = 1;
  let cell = emptyCell();
  let waiting: (() => void)[] = [];

  const gateway: SimulatedGateway = {
    id,
    model: 'works',
    locked: false,
    drainTakesMs: 0,
    fenceUnheard: false,
    restartsAfterMs: null,
    get process() {
      return process;
    },
    get life() {
      return life;
    },
    get cell() {
      return cell;
    },
    acts: () => process === 'up' && mayAct(cell, bootMs()),
    kill: () => {
      if (process === 'dead') return;
      process = 'dead';
      cell = emptyCell();
      waiting = [];
      onEnd();
      const endedLife = life;
      if (gateway.restartsAfterMs !== null)
        time.after(gateway.restartsAfterMs, () => {
          if (life === endedLife) gateway.boot();
        });
    },
    freeze: () => {
      if (process === 'up') process = 'frozen';
    },
    thaw: () => {
      if (process !== 'frozen') return;
      process = 'up';
      const late = waiting;
      waiting = [];
      for (const run of late) run();
    },
    boot: () => {
      if (process !== 'dead') return;
      process = 'up';
      life += 1;
    },
    request: (run) => {
      if (process === 'dead') return false;
      if (process === 'frozen') waiting.push(run);
      else run();
      return true;
    },
    setCell: (next) => {
      cell = next;
    },
    look: (depth, timeoutMs) => look(gateway, depth, timeoutMs),
    fencePort: (kind, timeoutMs) => ({
      grant: ({ epoch, untilMs, seq }) => {
        if (kind === 'held') return;
        const target = life;
        time.after(callTakesMs, () => {
          if (life !== target) return;
          gateway.request(() => {
            cell = grantCell(cell, { epoch, untilMs, seq });
          });
        });
      },
      fence: (seq, kill) =>
        new Promise((resolve) => {
          if (kill) gateway.kill();
          let answered = false;
          time.after(callTakesMs, () => {
            const isThere = gateway.request(() => {
              cell = fenceCell(cell, { seq });
              answered = true;
              if (!gateway.fenceUnheard) resolve(cell.untilMs === null);
            });
            if (!isThere) resolve(true);
          });
          time.after(timeoutMs, () => {
            if (!answered || gateway.fenceUnheard) resolve(false);
          });
        }),
      drain: (limitMs) =>
        new Promise((resolve) => {
          const takesMs =
            process === 'dead' ? 0 : process === 'up' ? gateway.drainTakesMs : limitMs;
          time.after(Math.min(takesMs, limitMs), resolve);
        }),
      running: async () => null,
      state: () => ({ fence: 'plugin', detail: '' }),
    }),
  };
  return gateway;
}

function look(
  gateway: SimulatedGateway,
  depth: ProbeDepth,
  timeoutMs: number,
): { readonly outcome: CheckOutcome; readonly tookMs: number } {
  if (gateway.process === 'dead')
    return {
      outcome: {
        kind: 'miss',
        failedAt: 'tcp',
        detail: 'nothing listens at its address',
        gone: true,
      },
      tookMs: 1,
    };
  if (gateway.process === 'frozen')
    return {
      outcome: {
        kind: 'miss',
        failedAt: depth === 'fast' ? 'ready' : 'turn',
        detail: 'no answer',
      },
      tookMs: timeoutMs,
    };
  if (gateway.locked)
    return { outcome: { kind: 'blind', detail: 'its token is refused' }, tookMs: fastTakesMs };
  if (depth === 'fast') return passed('rpc', fastTakesMs, 'answers');
  switch (gateway.model) {
    case 'works':
      return passed('turn', turnTakesMs, 'answered a turn');
    case 'fails':
      return missed('the provider answers 503', turnTakesMs);
    case 'lies':
      return missed('the answer does not carry what was asked', turnTakesMs);
    case 'hangs':
      return missed('no answer from the model', timeoutMs);
  }
}

function passed(depth: 'rpc' | 'turn', latencyMs: number, detail: string) {
  const outcome = {
    kind: 'ok',
    latencyMs,
    detail,
    passed: [{ depth, latencyMs, detail }],
  } as const;
  return { outcome, tookMs: latencyMs };
}

function missed(detail: string, tookMs: number) {
  return { outcome: { kind: 'miss', failedAt: 'turn', detail } as const, tookMs };
}
