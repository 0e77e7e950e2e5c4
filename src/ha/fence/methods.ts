/**
 * The methods of the fence, as the plugin registers them in a gateway and the gateway double answers them.
 *
 * Invariants
 * 1. A method that changes anything names the pair; a gateway of another pair refuses.
 * 2. While there is a `problem` no lease is taken: the gateway stays fenced and says why.
 * 3. The fence stands, and what passed it has happened, before the lock is given up.
 */
import { assertNever } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { RegisterRecord } from '../model.ts';
import type { Fence } from './fence.ts';
import {
  parseAcquire,
  parseDrain,
  parseEcho,
  parseFence,
  parseGrant,
  parseProbe,
} from './protocol.ts';
import type {
  Acquired,
  AcquireParams,
  EchoAnswer,
  FenceMethod,
  FencePluginConfig,
  FenceStatus,
  GrantParams,
} from './protocol.ts';

/** The register of a `held` gateway, under a lock of its own process. All of it happens in one turn of the event loop. */
export interface HeldRegister {
  /**
   * Takes the lock without waiting, compares, writes durably and keeps the lock; gives it up again on a conflict unless it
   * was held before. `allowed` is asked under the lock, before anything is written. Throws on a disk that fails.
   */
  acquire(
    expected: RegisterRecord | null,
    next: RegisterRecord,
  ): { readonly result: Acquired; readonly record: RegisterRecord | null };
  read(): RegisterRecord | null;
  release(): void;
}

export interface FenceMethodPorts {
  readonly config: FencePluginConfig;
  readonly pluginVersion: string;
  readonly openclawVersion: string;
  readonly problem: string | null;
  readonly bootMs: () => number;
  readonly fence: Fence;
  /** Null in `timed` mode. */
  readonly register: HeldRegister | null;
  /** Writes `nonce` into a transcript of its own and reads it back; throws if it did not come back. */
  readonly echo: (nonce: string) => Promise<Pick<EchoAnswer, 'loopMs' | 'writeMs' | 'readMs'>>;
  /** Lets a turn go through everything but the model; never rejects. */
  readonly warmUp: () => Promise<Result<null, string>>;
}

/** `INVALID_REQUEST`: it will never be accepted; `UNAVAILABLE`: not now. */
export type MethodAnswer =
  | { readonly ok: true; readonly payload: object }
  | {
      readonly ok: false;
      readonly code: 'INVALID_REQUEST' | 'UNAVAILABLE';
      readonly message: string;
    };

/** A lease longer than this is a mistake of whoever grants it. */
const longestLeaseMs = 120_000;

/** Answers one call of a method; never rejects. */
export async function answerFenceCall(
  method: FenceMethod,
  params: unknown,
  ports: FenceMethodPorts,
): Promise<MethodAnswer> {
  try {
    switch (method) {
      case 'switchyard.status':
        return done(status(ports));
      case 'switchyard.grant':
        return parsed(parseGrant(params), (call) => grant(call, ports));
      case 'switchyard.acquire':
        return parsed(parseAcquire(params), (call) => acquire(call, ports));
      case 'switchyard.fence':
        return await parsed(parseFence(params), (call) => fence(call, ports));
      case 'switchyard.drain':
        return await parsed(parseDrain(params), async ({ timeoutMs }) => {
          const drained = await ports.fence.drain(timeoutMs);
          return done({ drained, running: ports.fence.running() });
        });
      case 'switchyard.probe':
        return parsed(parseProbe(params), ({ runId }) => {
          ports.fence.mark(runId);
          return done({ marked: true });
        });
      case 'switchyard.warm': {
        const warmed = await ports.warmUp();
        return warmed.ok ? done({ warm: true }) : refuse('UNAVAILABLE', warmed.error);
      }
      case 'switchyard.echo':
        return await parsed(parseEcho(params), async ({ nonce }) => {
          const times = await ports.echo(nonce);
          const { epoch } = ports.fence.cell();
          return done({ nonce, epoch, acting: ports.fence.acting(), ...times });
        });
      default:
        return assertNever(method);
    }
  } catch (error) {
    return refuse('UNAVAILABLE', error instanceof Error ? error.message : 'unknown error');
  }
}

function status(ports: FenceMethodPorts): FenceStatus {
  const { pair, gateway, mode } = ports.config;
  const { epoch, seq, untilMs } = ports.fence.cell();
  return {
    plugin: ports.pluginVersion,
    openclaw: ports.openclawVersion,
    pair,
    gateway,
    mode,
    bootMs: ports.bootMs(),
    lease: { epoch, seq, untilMs: untilMs === Infinity ? null : untilMs },
    acting: ports.fence.acting(),
    draining: ports.fence.draining(),
    running: ports.fence.running(),
    problem: ports.problem,
  };
}

function grant(call: GrantParams, ports: FenceMethodPorts): MethodAnswer {
  const objection = objectionTo(call.pair, 'timed', ports);
  if (objection !== null) return objection;
  if (call.untilMs > ports.bootMs() + longestLeaseMs)
    return refuse('INVALID_REQUEST', 'the lease is longer than any profile has');
  const acting = ports.fence.grant(call);
  return done({ acting, seq: ports.fence.cell().seq });
}

function acquire(call: AcquireParams, ports: FenceMethodPorts): MethodAnswer {
  const objection = objectionTo(call.pair, 'held', ports);
  if (objection !== null) return objection;
  const { register } = ports;
  if (register === null) return refuse('UNAVAILABLE', 'this gateway has no register');
  if (call.next.holder !== ports.config.gateway)
    return refuse(
      'INVALID_REQUEST',
      `the register would name ${call.next.holder}, not this gateway`,
    );
  const cell = ports.fence.cell();
  // Overtaken by a fence, or by a later owner: the lock must not even be tried.
  if (call.seq <= cell.seq || call.next.epoch < cell.epoch)
    return done({ result: 'conflict', record: register.read() });
  const outcome = register.acquire(call.expected, call.next);
  if (outcome.result === 'swapped')
    ports.fence.grant({ epoch: call.next.epoch, seq: call.seq, untilMs: Infinity });
  return done(outcome);
}

async function fence(
  call: { readonly pair: string; readonly seq: number },
  ports: FenceMethodPorts,
): Promise<MethodAnswer> {
  if (call.pair !== ports.config.pair) return otherPair(ports);
  const fenced = ports.fence.fence(call.seq);
  await ports.fence.landed();
  // A newer lease may have come meanwhile; its lock stays.
  if (fenced && ports.fence.cell().untilMs === null) ports.register?.release(); // invariant 3
  return done({ fenced, running: ports.fence.running() });
}

function objectionTo(
  pair: string,
  mode: FencePluginConfig['mode'],
  ports: FenceMethodPorts,
): MethodAnswer | null {
  if (ports.problem !== null) return refuse('UNAVAILABLE', ports.problem);
  if (pair !== ports.config.pair) return otherPair(ports);
  if (mode !== ports.config.mode)
    return refuse('INVALID_REQUEST', `this gateway's lease is “${ports.config.mode}”`);
  return null;
}

function otherPair(ports: FenceMethodPorts): MethodAnswer {
  return refuse('INVALID_REQUEST', `this gateway belongs to the pair ${ports.config.pair}`);
}

function done(payload: object): MethodAnswer {
  return { ok: true, payload };
}

function refuse(code: 'INVALID_REQUEST' | 'UNAVAILABLE', message: string): MethodAnswer {
  return { ok: false, code, message };
}

function parsed<T, A extends MethodAnswer | Promise<MethodAnswer>>(
  params: Result<T, string>,
  answer: (value: T) => A,
): A | MethodAnswer {
  return params.ok ? answer(params.value) : refuse('INVALID_REQUEST', params.error);
}
