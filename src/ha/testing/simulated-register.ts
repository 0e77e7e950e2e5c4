/** A register in a simulation: a server that both hosts reach, or a file under a lock of the active gateway's process. */
import { grantCell } from '../fence/lease-cell.ts';
import type { RegisterRecord, RegisterSwap } from '../model.ts';
import type { Register } from '../ports.ts';
import { sameRecord } from '../register/record.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What becomes of swaps: `late`: an answer comes that says nothing, and later it happens. */
export type SwapFate = 'as-it-is' | 'lost-answer' | 'lost-request' | 'late';

export interface SimulatedRegister {
  /** What it holds; tests may change it behind everybody's back. */
  record: RegisterRecord | null;
  /** Everything that was ever written. */
  readonly written: readonly RegisterRecord[];
  readable: boolean;
  tookMs: number;
  /** After how long an answer is given up. */
  timeoutMs: number;
  /** What becomes of the next swap only. */
  nextSwap: SwapFate;
  lateMs: number;
  /** Who cannot reach it (gateway ids). */
  readonly unreachableBy: Set<string>;
  /** It is empty again, as after a new disk. */
  loseDisk(): void;
  /** As the node of this gateway reaches it. */
  open(gateway: SimulatedGateway): Register;
  /** `held`: the gateway whose process has the lock. */
  owner(): string | null;
}

export function simulatedRegister(time: VirtualTime, kind: 'held' | 'timed'): SimulatedRegister {
  const written: RegisterRecord[] = [];
  let lock: { readonly gateway: SimulatedGateway; readonly life: number } | null = null;

  /** A lock ends with its process, and with a fence in it. */
  const liveOwner = (): SimulatedGateway | null => {
    if (lock === null) return null;
    const { gateway, life } = lock;
    const isHeld =
      gateway.process !== 'dead' && gateway.life === life && gateway.cell.untilMs !== null;
    return isHeld ? gateway : null;
  };

  const write = (expected: RegisterRecord | null, next: RegisterRecord): RegisterSwap => {
    if (!sameRecord(register.record, expected)) return { kind: 'conflict' };
    register.record = next;
    written.push(next);
    return { kind: 'swapped' };
  };

  /** What our plugin does in the gateway's process (fence/methods.ts). */
  const acquire = (
    gateway: SimulatedGateway,
    expected: RegisterRecord | null,
    next: RegisterRecord,
  ): RegisterSwap => {
    const { cell } = gateway;
    if (next.ctr <= cell.seq || next.epoch < cell.epoch) return { kind: 'conflict' };
    const owner = liveOwner();
    if (owner !== null && owner !== gateway) return { kind: 'held' };
    const result = write(expected, next);
    if (result.kind !== 'swapped') return result;
    lock = { gateway, life: gateway.life };
    gateway.setCell(
      grantCell(cell, { epoch: next.epoch, seq: next.ctr, untilMs: Number.POSITIVE_INFINITY }),
    );
    return result;
  };

  const perform = (
    gateway: SimulatedGateway,
    expected: RegisterRecord | null,
    next: RegisterRecord,
    answer: (result: RegisterSwap) => void,
  ): void => {
    if (kind === 'timed') answer(write(expected, next));
    else if (next.holder !== gateway.id)
      answer(liveOwner() === null ? write(expected, next) : { kind: 'held' });
    else if (!gateway.request(() => answer(acquire(gateway, expected, next))))
      answer({ kind: 'held' }); // surely not written: there was nobody to ask
  };

  const register: SimulatedRegister = {
    record: null,
    written,
    readable: true,
    tookMs: 4,
    timeoutMs: 400,
    nextSwap: 'as-it-is',
    lateMs: 3_000,
    unreachableBy: new Set(),
    loseDisk: () => {
      register.record = null;
    },
    owner: () => liveOwner()?.id ?? null,
    open: (gateway) => ({
      read: () =>
        new Promise((resolve) => {
          if (register.unreachableBy.has(gateway.id) || !register.readable) {
            const takesMs = register.readable ? register.timeoutMs : register.tookMs;
            time.after(takesMs, () => resolve({ kind: 'unreadable', detail: 'no answer' }));
            return;
          }
          time.after(register.tookMs / 2, () => {
            const { record } = register;
            time.after(register.tookMs / 2, () =>
              resolve(record === null ? { kind: 'empty' } : { kind: 'found', record }),
            );
          });
        }),
      compareAndSwap: (expected, next) =>
        new Promise((resolve) => {
          const fate = register.unreachableBy.has(gateway.id) ? 'lost-request' : register.nextSwap;
          register.nextSwap = 'as-it-is';
          time.after(register.timeoutMs, () => resolve({ kind: 'unknown', detail: 'no answer' }));
          if (fate === 'lost-request') return;
          time.after(register.tookMs / 2 + (fate === 'late' ? register.lateMs : 0), () => {
            perform(gateway, expected, next, (result) => {
              if (fate === 'as-it-is') time.after(register.tookMs / 2, () => resolve(result));
            });
          });
        }),
    }),
  };
  return register;
}
