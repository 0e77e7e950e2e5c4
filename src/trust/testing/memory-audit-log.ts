import { fail, ok } from '../../base/index.ts';
import { appError } from '../../shared/index.ts';
import type { AuditEntry, AuditLog } from '../ports.ts';

/** The trust log without a disk: what is in it outlives a broker, as a file does. */
export interface MemoryAuditLog extends Pick<AuditLog, 'append' | 'seal' | 'epoch' | 'unfinished'> {
  readonly entries: readonly AuditEntry[];
  /** Nothing can be written, as when the disk is full. */
  isBroken: boolean;
  /** Forgets what has an end, which a long run has no use for. */
  trim(): void;
}

/** Makes an empty log. */
export function memoryAuditLog(): MemoryAuditLog {
  let entries: AuditEntry[] = [];
  let epoch = 0;
  let seq = 0;
  const open = new Map<string, number>();
  const log: MemoryAuditLog = {
    get entries() {
      return entries;
    },
    isBroken: false,
    trim: () => {
      entries = [];
    },
    append: (entry) => {
      if (log.isBroken) return fail(appError('storage', 'The disk is full.', true));
      entries.push(entry);
      epoch = Math.max(epoch, entry.epoch);
      const { actId, code } = entry;
      if (actId !== null && code === 'crossing.intent') open.set(actId, seq);
      if (actId !== null && (code === 'crossing.outcome' || code === 'crossing.unfinished'))
        open.delete(actId);
      seq += 1;
      return ok(null);
    },
    seal: () => ok(null),
    epoch: () => epoch,
    unfinished: () => [...open].map(([actId, at]) => ({ actId, seq: at })),
  };
  return log;
}
