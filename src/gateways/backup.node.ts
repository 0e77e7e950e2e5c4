/**
 * Backups of the gateways that we run, made by OpenClaw itself while they run.
 *
 * Invariants
 * 1. An archive has its name only once OpenClaw has verified it, and it is on disk; whatever else was written is gone then.
 * 2. Nothing that was made before is overwritten or deleted.
 * 3. Only this user may read any of it: it holds conversations, auth profiles and tokens.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { errorText, fail, ok } from '../base/index.ts';
import type { Clock, Result } from '../base/index.ts';
import type { BackupFailure, GatewayBackup, GatewayBackups } from './backup.ts';
import { gatewayEnvironment } from './openclaw-config.ts';
import { gatewayFolder } from './process.node.ts';
import type { GatewayRuntime } from './process.node.ts';

export interface GatewayBackupOptions {
  readonly runtime: GatewayRuntime;
  /** The profile folder; backups are kept in `<home>/backups/<gateway>`. */
  readonly home: string;
  readonly clock: Clock;
}

const lookEveryMs = 500;
const endPatienceMs = 5_000;
const outputLimit = 1_000_000;
const workName = 'work-';
const archiveName =
  /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})-(\d{3})Z-openclaw-(.+)\.tar\.gz$/u;

const made = z.object({
  verified: z.literal(true),
  assets: z.array(z.object({ kind: z.string(), sourcePath: z.string(), archivePath: z.string() })),
});
const refused = z.object({ ok: z.literal(false), error: z.object({ message: z.string() }) });

/** The backups of a profile's gateways. */
export function createGatewayBackups(options: GatewayBackupOptions): GatewayBackups {
  const { runtime, home, clock } = options;
  const folderOf = (gatewayId: string): string => join(home, 'backups', gatewayId);

  async function makeIn(
    gatewayId: string,
    work: string,
    how: Parameters<GatewayBackups['make']>[1],
  ): Promise<Result<GatewayBackup, BackupFailure>> {
    const { node, openclaw } = runtime;
    if (node === null || openclaw === null)
      return fail({ kind: 'no-runtime', detail: 'OpenClaw is missing; run “npm run setup”.' });
    const archive = join(work, 'archive.tar.gz');
    const child = spawn(
      node,
      [openclaw, 'backup', 'create', '--output', archive, '--verify', '--json'],
      { env: environment(home, gatewayId, work), stdio: ['ignore', 'pipe', 'pipe'], cwd: work },
    );
    const answer = await untilEnd(child, how.signal, () => {
      void sizeOf(archive).then(how.wrote);
    });
    if (how.signal.aborted) return fail({ kind: 'cancelled', detail: '' });
    const done = made.safeParse(jsonOf(answer.stdout));
    if (answer.code !== 0 || !done.success) return fail(failureOf(answer));
    const madeAtMs = clock.wallMs();
    const version = versionOf(openclaw);
    const stamp = new Date(madeAtMs).toISOString().replaceAll(/[:.]/gu, '-');
    const path = join(folderOf(gatewayId), `${stamp}-openclaw-${version}.tar.gz`);
    await chmod(archive, 0o600); // invariant 3, whatever the umask and OpenClaw made of it
    await flush(archive);
    const backup = { gatewayId, path, bytes: await sizeOf(archive), madeAtMs, version };
    const notes = `${path.slice(0, -'.tar.gz'.length)}.txt`;
    await writeFile(notes, how.notes(backup, done.data.assets), { mode: 0o600 });
    await rename(archive, path); // invariant 1
    return ok(backup);
  }

  return {
    command: [runtime.node ?? 'node', runtime.openclaw ?? 'openclaw.mjs']
      .map((word) => JSON.stringify(word))
      .join(' '),
    hasState: async (gatewayId) =>
      (await readdir(gatewayFolder(home, gatewayId).state).catch(() => [])).length > 0,
    make: async (gatewayId, how) => {
      const folder = folderOf(gatewayId);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        for (const path of [dirname(folder), folder]) await chmod(path, 0o700);
        // What an app that died meanwhile left.
        for (const name of await readdir(folder))
          if (name.startsWith(workName)) await rm(join(folder, name), { recursive: true });
        // OpenClaw's copies of its databases go here too, and go away with it.
        const work = await mkdtemp(join(folder, workName));
        try {
          return await makeIn(gatewayId, work, how);
        } finally {
          await rm(work, { recursive: true, force: true });
        }
      } catch (error) {
        return fail({
          kind: isFull(errorText(error)) ? 'no-space' : 'refused',
          detail: errorText(error),
        });
      }
    },
    list: async (gatewayId) => {
      const folder = folderOf(gatewayId);
      const names = await readdir(folder).catch(() => []);
      const found: GatewayBackup[] = [];
      for (const name of names) {
        const [, day, hours, minutes, seconds, thousandths, version] = archiveName.exec(name) ?? [];
        if (version === undefined) continue;
        const madeAtMs = Date.parse(`${day}T${hours}:${minutes}:${seconds}.${thousandths}Z`);
        const path = join(folder, name);
        found.push({ gatewayId, path, bytes: await sizeOf(path), madeAtMs, version });
      }
      return found.sort((a, b) => b.madeAtMs - a.madeAtMs);
    },
  };
}

/** No token: a backup asks no gateway anything. */
function environment(home: string, gatewayId: string, work: string): Record<string, string> {
  const { OPENCLAW_GATEWAY_TOKEN: _none, ...rest } = gatewayEnvironment(
    process.env,
    { ...gatewayFolder(home, gatewayId), temporary: work },
    '',
  );
  return rest;
}

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Collects what it prints until it ends; a signal ends it, at the latest after `endPatienceMs`. */
function untilEnd(child: ChildProcess, signal: AbortSignal, look: () => void): Promise<Answer> {
  return new Promise((resolve) => {
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.on('data', (part) => {
        printed[name] = `${printed[name]}${String(part)}`.slice(-outputLimit);
      });
    const looking = setInterval(look, lookEveryMs);
    let killing: ReturnType<typeof setTimeout> | undefined;
    const stop = (): void => {
      child.kill('SIGTERM');
      killing ??= setTimeout(() => child.kill('SIGKILL'), endPatienceMs);
    };
    signal.addEventListener('abort', stop);
    const end = (code: number | null): void => {
      clearInterval(looking);
      clearTimeout(killing);
      signal.removeEventListener('abort', stop);
      resolve({ code, ...printed });
    };
    child.once('close', end);
    child.once('error', (error) => {
      printed.stderr = error.message;
      end(null);
    });
    if (signal.aborted) stop();
  });
}

function failureOf({ code, stdout, stderr }: Answer): BackupFailure {
  const said = refused.safeParse(jsonOf(stdout));
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const detail = said.success ? said.data.error.message : last === '' ? `exit code ${code}` : last;
  return { kind: isFull(detail) ? 'no-space' : 'refused', detail };
}

/** As Node says it, and as SQLite does. */
function isFull(words: string): boolean {
  return /ENOSPC|EDQUOT|database or disk is full/u.test(words);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // it printed something else, or nothing: then it did not do what was asked
  }
}

function versionOf(openclaw: string): string {
  try {
    const text = readFileSync(join(dirname(openclaw), 'package.json'), 'utf8');
    return z.object({ version: z.string().regex(/^[\w.+-]+$/u) }).parse(JSON.parse(text)).version;
  } catch {
    return 'unknown';
  }
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0, // not begun yet
  );
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
