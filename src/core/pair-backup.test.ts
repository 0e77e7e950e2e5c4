import { expect, test } from 'vitest';

import { fail, ok } from '../base/index.ts';
import type { BackupFailure, GatewayBackup } from '../gateways/index.ts';
import { createTranslator } from '../shared/index.ts';
import type { BackupProgress } from '../shared/index.ts';
import { createPairBackups } from './pair-backup.ts';

const t = createTranslator('en');
const backupOf = (gatewayId: string): GatewayBackup => ({
  gatewayId,
  path: `/profile/backups/${gatewayId}/x-openclaw-1.tar.gz`,
  bytes: 2_000_000,
  madeAtMs: 0,
  version: '1',
});

function backupsWith(failures: Readonly<Record<string, BackupFailure['kind']>> = {}) {
  const shown: (readonly BackupProgress[])[] = [];
  const asked: string[] = [];
  const notes: string[] = [];
  let release: () => void = () => undefined;
  const backups = createPairBackups({
    backups: {
      command: '"node" "openclaw.mjs"',
      hasState: (gatewayId) => Promise.resolve(gatewayId !== 'fresh'),
      make: async (gatewayId, how) => {
        asked.push(gatewayId);
        how.wrote(1_000);
        const kind = failures[gatewayId];
        if (kind === 'cancelled')
          await new Promise<void>((resolve) => {
            release = resolve;
            how.signal.addEventListener('abort', () => {
              resolve();
            });
          });
        if (kind !== undefined) return fail({ kind, detail: 'ENOSPC' });
        const part = { kind: 'state', sourcePath: '/p/state', archivePath: 'root/payload/p/state' };
        notes.push(how.notes(backupOf(gatewayId), [part, { ...part, kind: 'config' }]));
        return ok(backupOf(gatewayId));
      },
      list: (gatewayId) => Promise.resolve(gatewayId === 'den' ? [backupOf('den')] : []),
    },
    nameOf: (id) => id.toUpperCase(),
    changed: (progress) => shown.push(progress),
    clock: { wallMs: () => 5, bootMs: () => 5, after: () => () => undefined },
    t,
  });
  return { backups, shown, asked, notes, release: () => release() };
}

test('makes one after the other, and says how far each is', async () => {
  const { backups, shown } = backupsWith();
  expect(await backups.make(['den', 'fresh'])).toEqual(ok(null));
  expect(shown.map((each) => each.map(({ state }) => state).join(' '))).toEqual([
    'waiting waiting',
    'making waiting',
    'making waiting',
    'made waiting',
    'made empty',
  ]);
});

test('stops at the first that fails, with words for the person', async () => {
  const { backups, asked, shown } = backupsWith({ den: 'no-space' });
  expect(await backups.make(['den', 'attic'])).toMatchObject({
    ok: false,
    error: { code: 'storage', message: expect.stringContaining('the disk is full') as string },
  });
  expect(asked).toEqual(['den']);
  expect(shown.at(-1)?.map(({ state }) => state)).toEqual(['failed', 'waiting']);
});

test('can be cancelled; meanwhile no second one begins', async () => {
  const { backups } = backupsWith({ den: 'cancelled' });
  const first = backups.make(['den']);
  expect(await backups.make(['attic'])).toMatchObject({ ok: false, error: { code: 'denied' } });
  backups.cancel();
  expect(await first).toMatchObject({
    ok: false,
    error: { message: 'The backup was cancelled; nothing was changed.' },
  });
  expect(await backups.make(['attic'])).toEqual(ok(null));
});

test('says beside the archive how to go back to it, without the settings that the app writes itself', async () => {
  const { backups, notes } = backupsWith();
  await backups.make(['den']);
  expect(notes[0]).toContain(
    '"node" "openclaw.mjs" backup restore "/profile/backups/den/x-openclaw-1.tar.gz" --target "/profile/backups/den/x-openclaw-1-unpacked"',
  );
  expect(notes[0]?.match(/mv /gu)).toHaveLength(2);
  expect(notes[0]).toContain('auth profiles and tokens');
});

test('tells the newest of each gateway', async () => {
  const { backups } = backupsWith();
  expect(await backups.newest(['den', 'attic'])).toMatchObject([{ name: 'DEN', bytes: 2_000_000 }]);
});
