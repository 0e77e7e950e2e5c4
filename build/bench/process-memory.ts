import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';

/** The memory of one process of an Electron app. */
export interface ProcessMemory {
  /** Chromium's name for what it does: browser, renderer, gpu-process, utility, zygote. */
  readonly type: string;
  readonly pssKb: number;
}

/**
 * The proportional set size of every process of an Electron app: what it has alone, and its share of what it shares, so
 * that the sum counts nothing twice. Programs that are not Electron's own (gateways, the guardian) are left out.
 * Null where it cannot be read: outside Linux, or when a process does not let us look.
 */
export function electronMemory(pid: number, executable: string): readonly ProcessMemory[] | null {
  if (process.platform !== 'linux') return null;
  const found: ProcessMemory[] = [];
  try {
    for (const member of processTree(pid, parentsOf())) {
      if (dirname(readlinkSync(`/proc/${member}/exe`)) !== dirname(executable)) continue;
      const rollup = readFileSync(`/proc/${member}/smaps_rollup`, 'utf8');
      const line = readFileSync(`/proc/${member}/cmdline`, 'utf8');
      found.push({ type: /--type=([\w-]+)/u.exec(line)?.[1] ?? 'browser', pssKb: pssOf(rollup) });
    }
  } catch {
    return null;
  }
  return found;
}

/** A process and all below it. */
export function processTree(pid: number, parents: ReadonlyMap<number, number>): readonly number[] {
  const children = [...parents].filter(([, parent]) => parent === pid).map(([child]) => child);
  return [pid, ...children.flatMap((child) => processTree(child, parents))];
}

function parentsOf(): ReadonlyMap<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/u.test(name)) continue;
    try {
      // `pid (name) state parent …`; the name may hold anything, a bracket too.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  return parents;
}

function pssOf(rollup: string): number {
  const match = /^Pss:\s+(\d+) kB$/mu.exec(rollup);
  if (match === null) throw new Error('This kernel gives no proportional set size.');
  return Number(match[1]);
}
