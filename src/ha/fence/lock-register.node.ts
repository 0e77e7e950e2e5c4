/**
 * The register of a pair whose gateways share this host: a file under an operating-system lock that the active gateway's own
 * process holds, through our plugin. One of these for each gateway of the pair.
 *
 * Invariants
 * 1. The file is written under its lock only: by the gateway that becomes active and keeps the lock, or by the guardian when it
 *    notes that nobody is active, which it can only while no gateway holds the lock.
 * 2. A lock that is held is never waited for, taken away or judged stale: the kernel frees it when its process ends.
 * 3. That the gateway did not answer is `unknown`: it may have the lock.
 * 4. For a gateway without our plugin the guardian holds the lock in its stead, as long as the guardian lives.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { errorText } from '../../base/index.ts';
import { nobody } from '../election/model.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import type { RegisterRecord, RegisterSwap } from '../model.ts';
import type { Register } from '../ports.ts';
import { readRegister, swapRegister } from '../register/register-record.node.ts';
import type { HeldRegister } from './methods.ts';
import { callPlugin } from './plugin-link.node.ts';
import type { PluginConnection } from './plugin-link.node.ts';

export interface LockRegisterOptions {
  /** The register's file; the gateway's plugin is configured with the same. */
  readonly path: string;
  readonly pairId: string;
  readonly gatewayId: string;
  readonly connection: PluginConnection;
  /** Holds the lock for a gateway without our plugin; the gateway's fence gives it up. Without one such a gateway stays out. */
  readonly standIn?: HeldRegister | undefined;
  readonly timeoutMs?: number;
}

/** Opens the register from the side of one gateway. */
export function openLockRegister(options: LockRegisterOptions): Register {
  const { path, pairId: pair, gatewayId, connection, standIn, timeoutMs = 1_000 } = options;

  const acquire = async (
    expected: RegisterRecord | null,
    next: RegisterRecord,
  ): Promise<RegisterSwap> => {
    const params = { pair, expected, next, seq: next.ctr };
    const answer = await callPlugin(connection, 'switchyard.acquire', params, timeoutMs);
    switch (answer.kind) {
      case 'answered':
        return { kind: answer.value.result };
      case 'absent':
        return standIn === undefined
          ? { kind: 'unknown', detail: answer.detail }
          : { kind: standIn.acquire(expected, next).result };
      default:
        return { kind: 'unknown', detail: answer.detail };
    }
  };

  return {
    read: () => readRegister(path),
    compareAndSwap: async (expected, next) => {
      try {
        if (next.holder === gatewayId) return await acquire(expected, next);
        if (next.holder === nobody) return await noteNobody(path, expected, next);
        return {
          kind: 'unknown',
          detail: `only the gateway ${next.holder} can become active itself`,
        };
      } catch (error) {
        return { kind: 'unknown', detail: errorText(error) };
      }
    },
  };
}

/** Writes that nobody is active, while that is so. */
async function noteNobody(
  path: string,
  expected: RegisterRecord | null,
  next: RegisterRecord,
): Promise<RegisterSwap> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const release = takeExclusiveLock(`${path}.lock`);
  if (release === null) return { kind: 'held' };
  try {
    return await swapRegister(path, expected, next);
  } finally {
    release();
  }
}
