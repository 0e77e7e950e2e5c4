import { type Clock, type Result } from '../../base/index.ts';
import type { AppError } from '../../shared/index.ts';
import type { AuditEntry, AuditLog } from '../ports.ts';
import type { Caller, CrossingCall } from './crossing.ts';
import { createRates } from './rates.ts';
import type { OpenCall } from './state.ts';

/** Refusals need no permission of the log; a flood of them must not fill the disk. */
const refusalsWritten = [{ count: 30, withinMs: 60_000 }];
const longestBody = 20_000;

export interface CrossingLog {
  /** Something that a person or the app did; `allow`ed, of the app, unless it says otherwise. */
  write(
    entry: Pick<AuditEntry, 'code' | 'principal' | 'action'> & Partial<AuditEntry>,
  ): Result<null, AppError>;
  /** Something about a call. */
  writeOf(
    one: OpenCall,
    entry: Pick<AuditEntry, 'code' | 'effect'> & Partial<AuditEntry>,
  ): Result<null, AppError>;
  /** A call that was refused before it became one. */
  refused(caller: Caller | null, call: CrossingCall, rule: string): void;
}

/** Writes the broker's records. */
export function createCrossingLog(
  log: Pick<AuditLog, 'append'>,
  clock: Clock,
  epoch: () => number,
): CrossingLog {
  const written = createRates(refusalsWritten);
  let unwritten = 0;
  const write: CrossingLog['write'] = (entry) =>
    log.append({
      epoch: epoch(),
      from: null,
      to: null,
      effect: 'allow',
      obligations: [],
      actId: null,
      resource: 'app',
      rule: '',
      detail: '',
      body: null,
      ...entry,
    });
  return {
    write,
    writeOf: ({ id, caller, call, text }, entry) =>
      write({
        principal: `agent:${caller.domain}`,
        action: call.action,
        from: caller.domain,
        to: call.to,
        resource: `session:${call.to}`,
        actId: id,
        body: text,
        ...entry,
      }),
    refused: (caller, call, rule) => {
      const nowMs = clock.bootMs();
      if (!written.hasRoom(nowMs)) {
        unwritten += 1;
        return;
      }
      written.take(nowMs);
      write({
        code: 'crossing.denied',
        principal: caller === null ? 'ext' : `agent:${caller.domain}`,
        action: call.action,
        from: caller?.domain ?? null,
        to: call.to,
        resource: `session:${call.to}`,
        effect: 'deny',
        rule,
        body: call.text.slice(0, longestBody),
        detail: unwritten === 0 ? '' : `${unwritten} more were refused before, too many to write`,
      });
      unwritten = 0;
    },
  };
}
