/** The register: a server, or a file under a lock; conditional writes, durable before they are answered. */
import { nobody } from '../../election/model.ts';
import type { RegisterRecord, RegisterSwap } from '../../model.ts';
import { sameRecord } from '../../register/record.ts';
import type { Agenda } from './agenda.ts';
import type { Gateway } from './gateway.ts';

export interface RegisterServer {
  record: RegisterRecord | null;
  up: boolean;
  /** How long a write takes to be on disk. */
  writeMs: number;
  readonly written: readonly RegisterRecord[];
  read(answer: (record: RegisterRecord | null) => void): void;
  /** @param gateway whose node wants it: with a lock, it is this gateway's process that becomes active */
  swap(
    gateway: Gateway,
    expected: RegisterRecord | null,
    next: RegisterRecord,
    answer: (kind: SwapAnswer) => void,
  ): void;
}

type SwapAnswer = Exclude<RegisterSwap['kind'], 'unknown'>;

export function createRegisterServer(agenda: Agenda): RegisterServer {
  const written: RegisterRecord[] = [];
  let freeAtMs = 0;
  /** One operation after the other, as on a single disk; what is under way when it goes down is lost, answer and all. */
  const inTurn = (tookMs: number, run: () => void): void => {
    if (!server.up) return;
    freeAtMs = Math.max(freeAtMs, agenda.nowMs()) + tookMs;
    agenda.at(freeAtMs, () => {
      if (server.up) run();
    });
  };
  const server: RegisterServer = {
    record: null,
    up: true,
    writeMs: 4,
    written,
    read: (answer) => inTurn(0.2, () => answer(server.record)),
    swap: (_, expected, next, answer) =>
      inTurn(server.writeMs, () => {
        if (sameRecord(server.record, expected)) {
          server.record = next;
          written.push(next);
          answer('swapped');
        } else answer(sameRecord(server.record, next) ? 'present' : 'conflict');
      }),
  };
  return server;
}

/** A file on the one host of a pair; the process of the active gateway holds its lock. */
export function createLockRegister(agenda: Agenda): RegisterServer {
  const written: RegisterRecord[] = [];
  let lock: { readonly gateway: Gateway; readonly life: number } | null = null;

  /** A lock ends with its process, and by a fence in it once everything has landed. */
  const owner = (): Gateway | null =>
    lock !== null && lock.gateway.life() === lock.life && lock.gateway.isBusy()
      ? lock.gateway
      : null;
  const write = (expected: RegisterRecord | null, next: RegisterRecord): SwapAnswer => {
    if (!sameRecord(file.record, expected)) return 'conflict';
    file.record = next;
    written.push(next);
    return 'swapped';
  };
  /** What our plugin does in the gateway's process. */
  const acquire = (
    gateway: Gateway,
    expected: RegisterRecord | null,
    next: RegisterRecord,
  ): SwapAnswer => {
    const { seq, epoch } = gateway.cell();
    if (next.ctr <= seq || next.epoch < epoch) return 'conflict';
    const other = owner();
    if (other !== null && other !== gateway) return 'held';
    const answer = write(expected, next);
    if (answer !== 'swapped') return answer;
    lock = { gateway, life: gateway.life() };
    gateway.grant({ epoch: next.epoch, seq: next.ctr, untilMs: Number.POSITIVE_INFINITY });
    return answer;
  };

  const file: RegisterServer = {
    record: null,
    up: true,
    writeMs: 4,
    written,
    read: (answer) => agenda.after(0.2, () => answer(file.record)),
    swap: (gateway, expected, next, answer) =>
      agenda.after(file.writeMs, () => {
        if (next.holder === nobody) answer(owner() === null ? write(expected, next) : 'held');
        else if (!gateway.request(() => answer(acquire(gateway, expected, next)))) answer('held');
      }),
  };
  return file;
}
