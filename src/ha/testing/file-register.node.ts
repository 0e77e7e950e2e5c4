/**
 * A register in a file, for two gateways on one host.
 *
 * Invariants
 * 1. The file is replaced whole and durably before `swapped` is said.
 * 2. Reading, comparing and writing happen under one lock that the kernel frees when its holder dies.
 * 3. A file that is there but cannot be understood is `unreadable`, never `empty`: an epoch is not used twice.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { delay, errorText } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import type { Register } from '../ports.ts';
import { readRegister, swapRegister } from '../register/register-record.node.ts';

const lockWaitMs = 10;
const lockAttempts = 200;

/** Opens the register that is, or will be, at `path`. */
export function fileRegister(path: string, clock: Clock): Register {
  return {
    read: () => readRegister(path),
    compareAndSwap: async (expected, next) => {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const release = await waitForLock(`${path}.lock`, clock);
        if (release === null)
          return { kind: 'unknown', detail: 'another guardian holds the register' };
        try {
          return await swapRegister(path, expected, next);
        } finally {
          release();
        }
      } catch (error) {
        return { kind: 'unknown', detail: errorText(error) };
      }
    },
  };
}

async function waitForLock(path: string, clock: Clock): Promise<(() => void) | null> {
  for (let attempt = 0; attempt < lockAttempts; attempt += 1) {
    const release = takeExclusiveLock(path);
    if (release !== null) return release;
    await delay(clock, lockWaitMs);
  }
  return null;
}
