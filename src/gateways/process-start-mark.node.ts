import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';

/**
 * A mark that tells a process from a later one with the same id: when it was started, as the system writes it.
 * Null when there is no such process, or on a system that cannot tell (then nothing is adopted there).
 */
export async function processStartMark(pid: number): Promise<string | null> {
  try {
    if (platform() === 'linux') return linuxStartMark(await readFile(`/proc/${pid}/stat`, 'utf8'));
    if (platform() === 'win32') return null;
    const { stdout } = await promisify(execFile)('ps', psArguments(pid));
    return psStartMark(stdout);
  } catch {
    return null;
  }
}

/** The same before anything else can happen: for the record of a process that was started this moment. */
export function processStartMarkNow(pid: number): string | null {
  try {
    if (platform() === 'linux') return linuxStartMark(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (platform() === 'win32') return null;
    return psStartMark(execFileSync('ps', psArguments(pid), { encoding: 'utf8' }));
  } catch {
    return null;
  }
}

function psArguments(pid: number): string[] {
  return ['-o', 'lstart=', '-p', String(pid)];
}

function psStartMark(printed: string): string | null {
  return printed.trim() === '' ? null : printed.trim();
}

/** Field 22 of `/proc/<pid>/stat`. Counted from behind the name, which may hold spaces and brackets; a zombie counts as gone. */
export function linuxStartMark(stat: string): string | null {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? null : (fields[18] ?? null);
}
