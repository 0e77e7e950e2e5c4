import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { manualClock } from '../base/testing/manual-clock.ts';
import { createTranslator } from '../shared/index.ts';
import { formatCode } from './pair-code.ts';
import { offerJoin } from './pair-invite.node.ts';
import type { OfferEnd } from './pair-invite.node.ts';
import { createJoinHost } from './pair-join-host.node.ts';
import { createPairTake } from './pair-take.ts';
import { joinContent } from './testing/join-content.ts';

const host = '127.0.0.1';

async function rig() {
  const home = await mkdtemp(join(tmpdir(), 'switchyard-take-'));
  const { promise: end, resolve } = Promise.withResolvers<OfferEnd>();
  const offer = await offerJoin(
    joinContent,
    { host, port: 0 },
    { clock: manualClock(), ended: resolve },
  );
  onTestFinished(async () => {
    offer.close();
    await rm(home, { recursive: true });
  });
  const take = createPairTake({
    host: createJoinHost(home, '/opt/switchyard'),
    t: createTranslator('en'),
  });
  const folder = join(home, 'join', joinContent.folder);
  const code = formatCode(offer.code);
  return { ...take, end, folder, request: { code, address: `${host}:${offer.port}` } };
}

test('takes a pair over the network and writes what its guardian needs', async () => {
  const { take, write, enterToken, folder, request, end } = await rig();
  expect(await take({ ...request, code: '0000-0000-0001' })).toMatchObject({
    error: { message: expect.stringContaining('does not know this code') as string },
  });
  expect(await take(request)).toMatchObject({ value: { pairName: 'House', folder } });
  expect(await end).toBe('taken');
  await expect(stat(folder)).rejects.toThrow('ENOENT');
  expect(await write()).toMatchObject({ value: { folder } });
  for (const { name, text } of joinContent.files) {
    expect(await readFile(join(folder, name), 'utf8')).toBe(text);
    expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  }
  await enterToken('t0ken');
  expect(await readFile(join(folder, 'secrets/token-attic'), 'utf8')).toBe('t0ken');
  expect(await take(request)).toMatchObject({
    error: { message: expect.stringContaining('used or is too old') as string },
  });
});

test('replaces an earlier join, and keeps what its guardian remembers', async () => {
  const { take, write, folder, request } = await rig();
  await mkdir(join(folder, 'state'), { recursive: true });
  await writeFile(join(folder, 'state', 'epoch'), '7');
  await writeFile(join(folder, 'left-over'), '');
  expect(await take(request)).toMatchObject({ value: { replaces: true } });
  expect(await readFile(join(folder, 'left-over'), 'utf8')).toBe('');
  await write();
  expect(await readFile(join(folder, 'state', 'epoch'), 'utf8')).toBe('7');
  await expect(stat(join(folder, 'left-over'))).rejects.toThrow('ENOENT');
});
