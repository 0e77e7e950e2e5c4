/**
 * What the app can learn of, and do about, failover where no guardian is to run. Loaded by the app itself, so nothing here
 * may need the guardian's Node (`node:sqlite`).
 */
import { askToEnd, tryConnect } from './conversation.node.ts';
import { readRegister, registerPath } from '../register/register-record.node.ts';

/**
 * Who the register of a pair names: a gateway's id, `none` where no guardian ever acted for the pair, `unreadable` where
 * it is there but cannot be understood, so that nobody may be taken for active.
 */
export async function readHolder(
  stateDir: string,
  pairId: string,
): Promise<{ readonly holder: string } | 'none' | 'unreadable'> {
  const read = await readRegister(registerPath(stateDir, pairId));
  if (read.kind === 'found') return { holder: read.record.holder };
  return read.kind === 'empty' ? 'none' : 'unreadable';
}

/** Ends a guardian of an earlier run that nobody wants any more; does nothing where none listens. */
export async function endGuardian(socket: string): Promise<void> {
  const found = await tryConnect(socket);
  if (found !== null) await askToEnd(found);
}
