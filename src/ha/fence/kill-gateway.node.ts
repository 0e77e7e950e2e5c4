import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { delay, errorText, fail, ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { processStartMark } from '../../gateways/index.node.ts';

const recordSchema = z.object({ pid: z.int().positive(), startMark: z.string() });
const pollMs = 10;
const endLimitMs = 5_000;

/**
 * Ends the gateway whose process the record at `pidFile` names, at once and without asking it (SIGKILL), and waits until it
 * is gone. Only a process that is provably the recorded one (number and start) is touched: a later one with the same number
 * never is.
 * @returns what happened: `killed`, or `gone` if it had ended before; or in words why it was not ended
 */
export async function killGateway(
  pidFile: string,
  clock: Clock,
): Promise<Result<'killed' | 'gone', string>> {
  const record = await readRecord(pidFile);
  if (record === null) return fail('there is no readable record of its process');
  const { pid, startMark } = record;
  if ((await processStartMark(pid)) !== startMark) return ok('gone');
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (isNoSuchProcess(error)) return ok('gone');
    return fail(errorText(error));
  }
  const untilMs = clock.bootMs() + endLimitMs;
  while ((await processStartMark(pid)) === startMark) {
    if (clock.bootMs() >= untilMs) return fail(`process ${pid} does not end`);
    await delay(clock, pollMs);
  }
  return ok('killed');
}

/** True if the recorded process has provably ended. */
export async function isGatewayGone(pidFile: string): Promise<boolean> {
  const record = await readRecord(pidFile);
  return record !== null && (await processStartMark(record.pid)) !== record.startMark;
}

async function readRecord(pidFile: string): Promise<z.output<typeof recordSchema> | null> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(pidFile, 'utf8')));
  } catch {
    return null;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH';
}
