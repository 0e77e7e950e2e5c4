import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';

import type { Draft } from '../../src/shared/index.ts';
import { allReady, ask, freshHome, removeHome, startApp } from './app-run.ts';
import type { AppRun } from './app-run.ts';
import { startDoubleWorld } from './double-world.ts';
import type { DoubleWorld } from './double-world.ts';

/** Each fault is shown where it is, with what to do; nothing typed is lost; the other pane does not notice. */
let profile: string;
let world: DoubleWorld;
let run: AppRun;

test.beforeEach(async () => {
  profile = freshHome();
  world = await startDoubleWorld(profile);
});

test.afterEach(async () => {
  await run.close();
  await world.stop();
  removeHome(profile);
});

async function open(): Promise<void> {
  run = await startApp({ home: profile });
  await allReady(run);
}

async function otherPaneWorks(): Promise<void> {
  await run.send('@home are you well?', /Home, because/u);
  await expect(await run.conversation('home')).toContainText('are you well?');
}

test('a token that is wrong: said so, entered in place, connected', async () => {
  await open();
  world.acme.setToken('another-token-entirely');
  world.acme.drop();
  await run.until('refused', (state) =>
    state.gateways.some((gateway) => gateway.id === 'acme' && gateway.state.phase === 'refused'),
  );
  const pane = run.shell.getByRole('region', { name: /Acme/u });
  await expect(pane).toContainText('refused the token');
  await otherPaneWorks();
  await pane.getByRole('button', { name: 'Enter token' }).click();
  await run.overlay.getByLabel('Token', { exact: true }).fill('another-token-entirely');
  await run.overlay.getByRole('button', { name: /save/iu }).click();
  await run.until('ready again', (state) =>
    state.gateways.every((gateway) => gateway.state.phase === 'ready'),
  );
});

for (const [fault, words] of [
  ['close-mid-answer', 'in the middle of its answer'],
  ['swallow-acknowledgement', 'before it acknowledged'],
  ['swallow-request', 'before it recorded anything'],
] as const) {
  test(`a connection cut ${words}: the message is looked up, arrives once, and is answered`, async () => {
    await open();
    world.acme.behave(fault);
    await run.composer.fill('tell me about ATLAS');
    await expect(run.route).toHaveText(/Acme, because/u);
    await run.composer.press('Enter');
    await expect
      .poll(() => world.acme.requests.filter((request) => request.method === 'chat.send').length)
      .toBe(1);
    world.acme.behave('normal');
    await run.until(
      'answered',
      (state) =>
        state.outbox.length === 0 &&
        state.gateways.every((gateway) => gateway.state.phase === 'ready'),
    );
    expect(world.acme.prompts).toEqual(['tell me about ATLAS']);
    await expect(await run.conversation('acme')).toContainText('tell me about ATLAS');
    await otherPaneWorks();
  });
}

test('typed while the gateway is away, killed with the app, sent after both are back', async () => {
  await open();
  await world.acme.stop();
  await run.until('offline', (state) =>
    state.gateways.some((gateway) => gateway.id === 'acme' && gateway.state.phase === 'offline'),
  );
  await run.send('@acme keep this', /Acme, because/u);
  await run.composer.fill('a half-typed draft');
  await expect.poll(async () => (await ask<Draft>(run.shell, 'composer.load')).ok).toBe(true);
  await expect
    .poll(async () => {
      const draft = await ask<Draft>(run.shell, 'composer.load');
      return draft.ok ? draft.value.text : '';
    })
    .toBe('a half-typed draft');
  run.app.process().kill('SIGKILL');
  await world.stop();

  world = await startDoubleWorld(profile);
  run = await startApp({ home: profile });
  await expect(run.composer).toHaveValue('a half-typed draft');
  await run.until(
    'sent and answered',
    (state) =>
      state.outbox.length === 0 &&
      state.gateways.every((gateway) => gateway.state.phase === 'ready'),
  );
  expect(world.acme.prompts).toEqual(['keep this']);
});

test('an error in the settings file: its line is named and the old settings go on', async () => {
  await open();
  const good = readFileSync(world.settingsPath, 'utf8');
  writeFileSync(world.settingsPath, good.replace('"contains"', '"containz"'));
  const line = good.split('\n').findIndex((text) => text.includes('"contains"')) + 1;
  await run.until('the notice', (state) =>
    state.notices.some(
      (notice) => notice.code === 'settings-error' && notice.values['line'] === line,
    ),
  );
  await expect(run.shell.getByText(`line ${line}`)).toBeVisible();
  await run.send('the ATLAS plan', /Acme, because it contains “ATLAS”/u);
  writeFileSync(world.settingsPath, good);
  await run.until(
    'the notice is gone',
    (state) => !state.notices.some((notice) => notice.code === 'settings-error'),
  );
});

test('wrong addresses and a taken port: each pane says which, and what to do', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const settings = JSON.parse(readFileSync(world.settingsPath, 'utf8')) as { gateways: unknown[] };
  settings.gateways = [
    settings.gateways[0],
    { id: 'nobody', name: 'Nobody', domain: 'work', kind: 'remote', url: 'ws://127.0.0.1:9' },
    { id: 'plain', name: 'Plain', domain: 'work', kind: 'remote', url: 'ws://gateway.example' },
    { id: 'busy', name: 'Busy', domain: 'personal', kind: 'managed', port, model: null },
  ];
  writeFileSync(world.settingsPath, JSON.stringify(settings));
  run = await startApp({ home: profile });
  await run.until('every fault is there', (state) => {
    const phase = (id: string): string =>
      JSON.stringify(state.gateways.find((gateway) => gateway.id === id)?.state);
    return (
      /unreachable/u.test(phase('nobody')) &&
      /bad-url/u.test(phase('plain')) &&
      /port-in-use/u.test(phase('busy')) &&
      /ready/u.test(phase('home'))
    );
  });
  await expect(run.shell.getByRole('region', { name: /Nobody/u })).toContainText(
    'Nothing answers at',
  );
  await expect(run.shell.getByRole('region', { name: /Plain/u })).toContainText(
    'The address is not usable',
  );
  await expect(run.shell.getByRole('region', { name: /Busy/u })).toContainText(String(port));
  await otherPaneWorks();
  taken.close();
});

test('no keyring: said so, and everything works from memory', async () => {
  await open();
  await expect(run.shell.getByText(/No keyring answers/u)).toBeVisible();
  await otherPaneWorks();
  expect(readFileSync(join(profile, 'settings.json'), 'utf8')).not.toContain('home-token');
});
