import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { systemClock } from '../base/index.node.ts';
import { createGatewayBackups } from './backup.node.ts';
import type { GatewayBackups } from './backup.ts';
import { gatewayFolder } from './process.node.ts';

let home: string;
let backups: GatewayBackups;
let heard: AbortController;
const how = () => ({
  signal: heard.signal,
  wrote: () => undefined,
  notes: () => 'how to restore',
});

/** Stands in for OpenClaw: `script` runs with `output`, the path it was asked to write. */
function openclawDoes(script: string): void {
  const folder = join(home, 'openclaw');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"version":"2026.9.6"}');
  writeFileSync(
    join(folder, 'openclaw.mjs'),
    `import { writeFileSync } from 'node:fs';
     const output = process.argv[process.argv.indexOf('--output') + 1];
     ${script}`,
  );
  backups = createGatewayBackups({
    runtime: { node: process.execPath, openclaw: join(folder, 'openclaw.mjs') },
    home,
    clock: systemClock(),
  });
}

const succeeds = `
  writeFileSync(output, 'archive of ' + process.env.OPENCLAW_STATE_DIR, { mode: 0o644 });
  console.log(JSON.stringify({
    verified: process.argv.includes('--verify'),
    token: process.env.OPENCLAW_GATEWAY_TOKEN ?? null,
    assets: [{ kind: 'state', sourcePath: '/s', archivePath: 'root/payload/s' }],
  }));`;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'switchyard-backup-'));
  heard = new AbortController();
  mkdirSync(join(gatewayFolder(home, 'den').state, 'state'), { recursive: true });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const leftIn = (gatewayId: string): readonly string[] =>
  readdirSync(join(home, 'backups', gatewayId));

test('keeps a verified archive under date and version, for this user alone', async () => {
  openclawDoes(succeeds);
  const done = await backups.make('den', how());
  if (!done.ok) throw new Error(done.error.detail);
  const { path, bytes, version } = done.value;
  expect(version).toBe('2026.9.6');
  expect(readFileSync(path, 'utf8')).toBe(`archive of ${gatewayFolder(home, 'den').state}`);
  expect(bytes).toBe(statSync(path).size);
  expect(await backups.list('den')).toEqual([done.value]);
  expect(readFileSync(path.replace('.tar.gz', '.txt'), 'utf8')).toBe('how to restore');
  if (platform() !== 'win32') {
    const modes = [
      path,
      path.replace('.tar.gz', '.txt'),
      join(home, 'backups', 'den'),
      join(home, 'backups'),
    ];
    expect(modes.map((each) => (statSync(each).mode & 0o777).toString(8))).toEqual([
      '600',
      '600',
      '700',
      '700',
    ]);
  }
  expect(leftIn('den')).toHaveLength(2); // and nothing of the work
});

test('gives an archive that OpenClaw did not verify no name', async () => {
  openclawDoes(
    `writeFileSync(output, 'half'); console.log(JSON.stringify({ verified: false, assets: [] }));`,
  );
  expect(await backups.make('den', how())).toMatchObject({ ok: false, error: { kind: 'refused' } });
  expect(leftIn('den')).toEqual([]);
});

test.each([
  ['Node', 'Backup archive write failed: ENOSPC: no space left on device, write', 'no-space'],
  [
    'SQLite',
    'cannot be snapshotted safely: database or disk is full | ERR_SQLITE_ERROR',
    'no-space',
  ],
  ['OpenClaw', 'Unresolved include graph', 'refused'],
])('says what stood in the way, as %s says it', async (_who, message, kind) => {
  openclawDoes(
    `writeFileSync(output, 'half');
     console.log(JSON.stringify({ ok: false, error: { message: ${JSON.stringify(message)} } }));
     process.exitCode = 1;`,
  );
  expect(await backups.make('den', how())).toEqual({ ok: false, error: { kind, detail: message } });
  expect(leftIn('den')).toEqual([]);
});

test('can be cancelled, and leaves nothing', async () => {
  openclawDoes(`writeFileSync(output, 'half'); setInterval(() => {}, 1000);`);
  const begun = new Promise<void>((resolve) => {
    void backups
      .make('den', {
        ...how(),
        wrote: (bytes) => {
          if (bytes > 0) resolve();
        },
      })
      .then((result) => {
        outcome = result;
        ended();
      });
  });
  let outcome: unknown;
  let ended: () => void;
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  await begun;
  heard.abort();
  await over;
  expect(outcome).toEqual({ ok: false, error: { kind: 'cancelled', detail: '' } });
  expect(leftIn('den')).toEqual([]);
});

test('is given no token, and clears what an app that died left', async () => {
  openclawDoes(`if (process.env.OPENCLAW_GATEWAY_TOKEN !== undefined) process.exit(9);${succeeds}`);
  mkdirSync(join(home, 'backups', 'den', 'work-old'), { recursive: true });
  expect(await backups.make('den', how())).toMatchObject({ ok: true });
  expect(leftIn('den').filter((name) => name.startsWith('work-'))).toEqual([]);
});

test('knows a gateway that never ran', async () => {
  openclawDoes(succeeds);
  expect(await backups.hasState('den')).toBe(true);
  expect(await backups.hasState('attic')).toBe(false);
  expect(await backups.list('attic')).toEqual([]);
});
