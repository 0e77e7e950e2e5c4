/**
 * What a lab made, written down before it is made, so that the next run can remove what a crashed one left.
 *
 * Invariants
 * 1. A process is ended only if it is in the ledger with its start time, or lives in a namespace that a ledger names.
 * 2. A ledger whose owner still runs is left alone.
 * 3. The folder of a ledger is the last thing to go.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { processStartMarkNow } from '../../../src/gateways/process-start-mark.node.ts';
import { run } from './commands.ts';

export const labsFolder = join(tmpdir(), 'switchyard-lab');

interface Marked {
  readonly pid: number;
  /** A process number that was given out again has another. */
  readonly startMark: string;
}

/** Every namespace of lab `id` begins with this. */
export function namespacePrefix(id: string): string {
  return `sylab-${id}-`;
}

/** Makes the folder of a new lab, owned by this process; returns the lab's id and folder. */
export function openLedger(): { readonly id: string; readonly folder: string } {
  for (;;) {
    const id = Math.random().toString(36).slice(2, 6);
    const folder = join(labsFolder, id);
    if (existsSync(folder)) continue;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'owner.json'), JSON.stringify(mark(process.pid)));
    return { id, folder };
  }
}

/** Writes a process down as ours to end. */
export function enterProcess(folder: string, pid: number): void {
  const marked = mark(pid);
  if (marked !== null)
    appendFileSync(join(folder, 'processes.jsonl'), `${JSON.stringify(marked)}\n`);
}

/** Removes what labs left whose owner no longer runs. */
export async function cleanUpAfterCrashes(): Promise<void> {
  if (!existsSync(labsFolder)) return;
  for (const id of readdirSync(labsFolder)) {
    const folder = join(labsFolder, id);
    const owner = readMarks(join(folder, 'owner.json'))[0];
    if (owner !== undefined && isRunning(owner)) continue; // invariant 2
    await removeLab(id, folder);
  }
}

/** Ends every process of a lab, removes its namespaces and its folder. */
export async function removeLab(id: string, folder: string): Promise<void> {
  for (const marked of readMarks(join(folder, 'processes.jsonl')))
    if (isRunning(marked)) end(marked.pid);
  for (const namespace of await namespacesOf(id)) {
    for (const pid of await processesIn(namespace)) end(pid);
    await run('ip', ['netns', 'delete', namespace]).catch(() => undefined); // another clean-up may have been first
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The processes that live in a namespace now. */
export async function processesIn(namespace: string): Promise<readonly number[]> {
  const text = await run('ip', ['netns', 'pids', namespace]).catch(() => '');
  return text.split('\n').filter(Boolean).map(Number);
}

async function namespacesOf(id: string): Promise<readonly string[]> {
  const text = await run('ip', ['netns', 'list']);
  return text
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(namespacePrefix(id)));
}

function mark(pid: number): Marked | null {
  const startMark = processStartMarkNow(pid);
  return startMark === null ? null : { pid, startMark };
}

function isRunning({ pid, startMark }: Marked): boolean {
  return processStartMarkNow(pid) === startMark;
}

function readMarks(path: string): readonly Marked[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Marked);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}
