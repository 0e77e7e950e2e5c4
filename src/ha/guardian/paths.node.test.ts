import { mkdirSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { preparePrivateFolder, socketPath } from './paths.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

it('keeps the socket in the profile while the path is short enough for the system', () => {
  expect(socketPath('/home/ada/.switchyard')).toBe('/home/ada/.switchyard/guardian/guardian.sock');
});

it('falls back to a folder of its own per profile when it is not', () => {
  const long = socketPath(`/home/${'a'.repeat(90)}`);
  expect(long.startsWith(tmpdir())).toBe(true);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(107);
  expect(socketPath(`/home/${'a'.repeat(90)}`)).toBe(long);
  expect(socketPath(`/home/${'a'.repeat(91)}`)).not.toBe(long);
  // It is bytes that count, not characters.
  expect(socketPath(`/home/${'ü'.repeat(50)}`).startsWith(tmpdir())).toBe(true);
});

it('closes the folder of the socket to others', () => {
  const folder = join(temporaryFolder(), 'run');
  mkdirSync(folder, { mode: 0o777 });
  expect(preparePrivateFolder(join(folder, 'guardian.sock'))).toMatchObject({ ok: true });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('does not use a folder that somebody put there as a link', () => {
  const folder = temporaryFolder();
  symlinkSync(folder, join(folder, 'run'));
  expect(preparePrivateFolder(join(folder, 'run', 'guardian.sock'))).toMatchObject({ ok: false });
});
