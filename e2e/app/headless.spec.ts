import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, test } from '@playwright/test';

import { freshHome, removeHome, runtime } from './app-run.ts';
import { startDoubleWorld } from './double-world.ts';

test('without a display: the same core tells its states as lines, and ends when asked', async () => {
  const profile = freshHome();
  const world = await startDoubleWorld(profile);
  const entry = resolve(import.meta.dirname, '../../out/node/headless.js');
  const host = spawn(runtime().node, [entry, '--home', profile], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // No session bus, and none started on the side: this host has no keyring.
    env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' },
  });
  const exited = once(host, 'exit');
  const lines = createInterface({ input: host.stdout });
  const ready = new Set<string>();
  for await (const line of lines) {
    const told = JSON.parse(line) as { readonly message: string; readonly id?: string };
    if (told.message === 'Ready' && told.id !== undefined) ready.add(told.id);
    if (ready.size === 2) break;
  }
  expect([...ready].sort()).toEqual(['acme', 'home']);
  host.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  await world.stop();
  removeHome(profile);
});
