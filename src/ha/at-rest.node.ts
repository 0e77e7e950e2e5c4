/** What the app can learn of, and do about, failover where no guardian is to run. */
import { join } from 'node:path';

import { fileRegister } from './register.node.ts';
import { askToEnd, tryConnect } from './conversation.node.ts';
import type { Clock } from '../base/index.ts';

/** Where the register of a pair lies in the guardian's state folder. */
export function registerPath(stateDir: string, pairId: string): string {
  return join(stateDir, 'registers', `${pairId}.json`);
}

/**
 * Who the register of a pair names: a gateway's id, `none` where no guardian ever acted for the pair, `unreadable` where
 * it is there but cannot be understood, so that nobody may be taken for active.
 */
export async function readHolder(
  stateDir: string,
  pairId: string,
  clock: Clock,
): Promise<{ readonly holder: string } | 'none' | 'unreadable'> {
  const read = await fileRegister(registerPath(stateDir, pairId), clock).read();
  if (read.kind === 'found') return { holder: read.record.holder };
  return read.kind === 'empty' ? 'none' : 'unreadable';
}

/** Ends a guardian of an earlier run that nobody wants any more; does nothing where none listens. */
export async function endGuardian(socket: string): Promise<void> {
  const found = await tryConnect(socket);
  if (found !== null) await askToEnd(found);
}
