import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { manualClock } from '../../../base/testing/manual-clock.ts';
import type { AuditEntry } from '../../ports.ts';
import { openAuditLog } from '../audit-log.node.ts';
import { fileKeyStore, type AuditKeyStore } from '../keys.node.ts';

/** An entry of a crossing. */
export function entry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    code: 'decision',
    epoch: 0,
    principal: 'agent:personal',
    action: 'ask_work',
    from: 'personal',
    to: 'work',
    effect: 'allow',
    obligations: ['log'],
    actId: null,
    resource: 'session:work',
    rule: 'line 14',
    detail: 'line break \n, \u2028 and 😀',
    body: 'Is the meeting still at three?',
    ...change,
  };
}

/** A folder of its own; `log` is in it. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'switchyard-trust-'));
}

const clock = manualClock();

/** The clock of the logs that `openLog` opens. */
export function logClock(): typeof clock {
  return clock;
}

/** Opens the log of a folder; throws when that fails. */
export function openLog(folder: string, keys?: AuditKeyStore) {
  let ids = 0;
  const opened = openAuditLog({
    folder: join(folder, 'log'),
    clock,
    random: { unit: () => 0, id: () => `salt ${(ids += 1)}` },
    keys: keys ?? fileKeyStore(join(folder, 'log-keys.json'), () => clock.wallMs()),
    formerLog: join(folder, 'decisions.jsonl'),
  });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** A closed log of so many records, every tenth of which begins a crossing that the next one ends. */
export function writeLog(folder: string, records: number): void {
  const log = openLog(folder);
  for (let index = 0; index < records; index += 1) {
    const begins = index % 10 === 0;
    const ends = index % 10 === 1;
    const code = begins ? 'crossing.intent' : ends ? 'crossing.outcome' : 'decision';
    const actId = begins || ends ? `act ${Math.floor(index / 10)}` : null;
    const written = log.append(
      entry({ code, actId, body: `question ${index}`, epoch: index % 3 === 0 ? 0 : 1 }),
    );
    if (!written.ok) throw new Error(written.error.message);
  }
  log.close();
}
