/**
 * The register of a pair whose gateways share one host, from inside the active gateway.
 *
 * Invariants
 * 1. The file is written only while this process holds the lock beside it, and only over the value that was expected.
 * 2. The lock is kept from a successful `acquire` until `release` or the end of the process, however it ends: the kernel
 *    frees it. Nobody else can write the register meanwhile, so nobody else can become active.
 * 3. Synchronous from lock to rename: a fence that arrives meanwhile waits, and cannot give the lock up under a half-done write.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { replaceFile } from '../../base/index.node.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import type { RegisterRecord } from '../model.ts';
import { parseRegisterText, registerText, sameRecord } from '../register/record.ts';
import type { HeldRegister } from './methods.ts';

/** Where the lock is remembered; outlives a reload of the plugin's code. */
export interface LockMemory {
  release: (() => void) | null;
}

/** The register at `path`; its lock is `<path>.lock`. */
export function heldRegister(path: string, memory: LockMemory): HeldRegister {
  const release = (): void => {
    memory.release?.();
    memory.release = null;
  };
  return {
    acquire: (expected, next) => {
      const hadLock = memory.release !== null;
      if (!hadLock) {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        memory.release = takeExclusiveLock(`${path}.lock`);
        if (memory.release === null) return { result: 'held', record: readRecord(path) };
      }
      try {
        const present = readRecord(path);
        if (sameRecord(present, expected)) {
          replaceFile(path, registerText(next));
          return { result: 'swapped', record: next };
        }
        if (!hadLock) release();
        return { result: 'conflict', record: present };
      } catch (error) {
        if (!hadLock) release();
        throw error;
      }
    },
    read: () => readRecord(path),
    release,
  };
}

/** Null where there is no register yet; throws on one that cannot be understood, so that its epoch is not used again. */
function readRecord(path: string): RegisterRecord | null {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const record = parseRegisterText(content);
  if (record === null) throw new Error(`${path} is damaged`);
  return record;
}
