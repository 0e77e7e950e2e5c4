/** Whether the process that a gateway's record names lives, and is the one that listens at the gateway's address. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { platform } from 'node:os';

import { z } from 'zod';

import { processStartMark } from '../../gateways/index.node.ts';
import { missed } from './held-connection.node.ts';
import type { CheckFailure } from './held-connection.node.ts';

const recordSchema = z.object({ pid: z.int().positive(), startMark: z.string() });

/** The state "listening" in `/proc/net/tcp`. */
const listening = '0A';

/** The living process that the record names; null when there is none, or another has its number now. */
export async function processOf(pidFile: string): Promise<number | null> {
  try {
    const { pid, startMark } = recordSchema.parse(JSON.parse(await readFile(pidFile, 'utf8')));
    return (await processStartMark(pid)) === startMark ? pid : null;
  } catch {
    return null;
  }
}

/**
 * What speaks against whoever listens on `port`: the recorded process is gone, or, where the system can tell (Linux),
 * another process holds the port. Where it cannot, or there is no record to go by, nothing does.
 */
export async function whoListens(
  pidFile: string | undefined,
  port: number,
): Promise<CheckFailure | null> {
  if (pidFile === undefined || platform() === 'win32') return null; // no records are kept there
  const pid = await processOf(pidFile);
  if (pid === null) return missed('process', 'its process is gone', true);
  if (platform() !== 'linux') return null;
  const holds = await holdsPort(pid, port);
  return holds === false
    ? missed('tcp', `its process does not listen on port ${port}; it is given no token`)
    : null;
}

/** Whether the process has a listening TCP socket on the port; null when that cannot be found out. */
async function holdsPort(pid: number, port: number): Promise<boolean | null> {
  try {
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((name) => readFile(`/proc/self/net/${name}`, 'utf8').catch(() => '')),
    );
    const inodes = new Set(tables.flatMap((table) => listenersOn(table, port)));
    if (inodes.size === 0) return false;
    for (const descriptor of await readdir(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (inodes.has(target)) return true;
    }
    return false;
  } catch {
    return null; // it belongs to another user, or ended this moment
  }
}

/** The sockets that listen on `port`, as `/proc/<pid>/fd` names them. */
function listenersOn(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .filter((fields) => fields[1]?.split(':')[1] === wanted && fields[3] === listening)
    .map((fields) => `socket:[${fields[9] ?? ''}]`);
}
