import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';

import { addresses } from '../failover/lab/lab.ts';
import { twoComputers } from '../failover/two-computers.ts';
import { serviceName, witnessPort } from '../failover/world/services.ts';
import { startDesktopDouble } from '../support/desktop-double.ts';
import type { DesktopDouble } from '../support/desktop-double.ts';
import { startEchoModel } from '../support/echo-model.ts';
import type { EchoModel } from '../support/echo-model.ts';
import { endLeftBehind } from '../support/left-behind.ts';
import { prepareOtherComputer } from '../support/other-computer.ts';
import type { OtherComputer } from '../support/other-computer.ts';
import type { Settings } from '../../src/store/index.ts';
import { freshHome, gatewayPid, removeHome, runtime, startApp } from './app-run.ts';
import type { AppRun } from './app-run.ts';

/**
 * A pair on two computers, each a network namespace: here the app, its guardian and its gateway Attic; there the gateway Bath and
 * a guardian from the files that the app wrote; a witness and a real dnsmasq on a third. Run by `npm run test:two-computers`.
 */
test.describe.configure({ mode: 'serial', timeout: 420_000 });

const port = 18_789;
const home = freshHome();
const lab = twoComputers();
const resolver = new Resolver();
resolver.setServers([addresses.witness]);
let desktop: DesktopDouble;
let model: EchoModel;
let gateways: Settings['gateways'];
let other: OtherComputer;
let run: AppRun;
let panel: Locator;

test.beforeAll(async () => {
  desktop = await startDesktopDouble();
  model = await startEchoModel();
  other = await prepareOtherComputer({
    namespace: lab.namespaceOfB,
    folder: lab.folderOfB,
    address: addresses.b,
    gatewayId: 'bath',
    port,
    runtime: runtime(),
  });
  gateways = [
    {
      id: 'attic',
      name: 'Attic',
      domain: 'personal',
      kind: 'managed',
      port,
      model: { provider: 'echo', baseUrl: `${model.url}/personal/v1`, id: 'echo' },
    },
  ];
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ version: 1, gateways }));
  run = await startApp({ home, bus: desktop.address });
  panel = run.shell.getByRole('region', { name: 'Failover', exact: true });
});

test.afterAll(async () => {
  await run.close();
  await endLeftBehind(home, runtime(), gateways);
  await other.close();
  await model.stop();
  await desktop.stop();
  removeHome(home);
});

async function settledOn(gatewayId: string): Promise<void> {
  await run.until(
    `${gatewayId} is active, and the other could take over`,
    ({ pairs }) => {
      const [pair] = pairs;
      return pair?.activeId === gatewayId && pair.cover === 'protected' && pair.busy === null;
    },
    240_000,
  );
}

/** Waits until dnsmasq tells clients this address and no other. */
async function nameSays(address: string): Promise<void> {
  await expect.poll(() => resolver.resolve4(serviceName).catch(String)).toEqual([address]);
  const dns = panel.getByText(`${serviceName} → ${address}`);
  await expect(dns).toBeVisible();
}

function field(name: string): Locator {
  return panel.getByRole('textbox', { name, exact: true });
}

/** Sends a message to the pair and waits for its answer and the end of its run. */
async function say(text: string): Promise<void> {
  await run.send(`@home ${text}`, /Home, because you wrote/u);
  await expect(await run.conversation('home')).toContainText(`Echo: ${text}`);
  await run.until(
    'nothing is on its way',
    ({ outbox, panes }) => outbox.length === 0 && !panes.some((pane) => pane.running),
  );
}

function press(name: string): Promise<void> {
  return panel.getByRole('button', { name, exact: true }).click();
}

/** What the model was asked when somebody said this. */
function promptWith(text: string): string {
  return model.requests.findLast(({ prompt }) => prompt.includes(text))?.prompt ?? '';
}

test('the guided set-up tests witness and dnsmasq, and saves the pair', async () => {
  await run.shell.getByRole('button', { name: 'Failover' }).click();
  await press('Set up a pair');
  await panel.getByRole('radio', { name: /On two computers/u }).check();
  await press('Next');
  await panel.getByLabel('Gateway on this computer').selectOption('Attic');
  await field('Its name').fill('Bath');
  await field('Its address').fill(`wss://${addresses.b}:${port}`);
  await field('Fingerprint of its certificate (optional)').fill(other.fingerprint);
  await field('Name of the pair').fill('Home');
  await field('Address of this computer').fill(addresses.a);
  await field('Address of the other computer').fill(addresses.b);
  await press('Next');
  // The first turn of a gateway stalls it for seconds where two start on few cores: right for “safe”.
  await panel.getByRole('radio', { name: /Safe: lease 5 s/u }).check();
  await press('Next');
  await field('Witness: name or address').fill(addresses.witness);
  await field('Port').fill(String(witnessPort));
  await press('Enter…');
  await run.overlay
    .getByLabel('Secret', { exact: true })
    .fill(readFileSync(lab.secretFile, 'utf8'));
  await run.overlay.keyboard.press('Enter');
  const results = panel.getByRole('region', { name: 'Result of the test' });
  await press('Test');
  await expect(results).toContainText(`The witness at ${addresses.witness}:${witnessPort} answers`);
  await press('Next');
  await panel.getByLabel('Where the name is kept').selectOption('dnsmasq');
  await field('Name').fill(serviceName);
  await field('Folder of --hostsdir').fill(lab.hostsDir);
  await field('Check through this resolver (optional)').fill(addresses.witness);
  await press('Test');
  await expect(results).toContainText(`does not know ${serviceName} yet; it will.`);
  await press('Next');
  await expect(panel).toContainText('Home: Attic (primary), Bath (standby)');
  await panel.getByRole('checkbox').check();
  await press('Save and protect');
  // Backups come first.
  await expect(panel.getByRole('heading', { name: 'Home is set up' })).toBeFocused({
    timeout: 120_000,
  });
});

test('the other computer joins with the files that were written for it, and the pair is protected', async () => {
  const folder = panel.getByText(/switchyard-home$/u);
  // The gateway here starts anew, and makes the certificate that the other side has to know.
  await expect(async () => {
    await press('Write the files');
    await expect(folder).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 120_000 });
  await other.join(await folder.innerText());
  await press('Show the pair');
  const bath = panel.getByRole('article', { name: 'Bath' });
  await bath.getByRole('button', { name: 'Enter token' }).click({ timeout: 240_000 });
  await run.overlay.getByLabel('Token', { exact: true }).fill(other.token);
  await run.overlay.getByRole('button', { name: /save/iu }).click();
  const asked = await run.until('Bath wants the device approved', ({ gateways: views }) =>
    views.some(({ id, state }) => id === 'bath' && state.phase === 'pairing'),
  );
  const state = asked.gateways.find(({ id }) => id === 'bath')?.state;
  await other.approve(state?.phase === 'pairing' ? (state.requestId ?? '') : '');
  await settledOn('attic');
  await run.until('both are ready', ({ gateways: views }) =>
    views.every(({ state: { phase } }) => phase === 'ready'),
  );
  await expect(panel.getByRole('article', { name: 'Bath' })).toContainText('other computer');
  await nameSays(addresses.a);
  await say('who is it?');
  await run.until('the other computer has it', ({ pairs }) => {
    const mirror = pairs[0]?.mirror;
    return mirror?.state === 'in-step' && mirror.held >= 4;
  });
});

test('killed, the primary is replaced by the other computer: notification, screen, and the name', async () => {
  process.kill(gatewayPid(home, 'attic'), 'SIGKILL');
  const told = await desktop.waitForNotification(({ summary }) => summary.includes('took over'));
  expect(told.summary).toBe('Home: Bath took over');
  await desktop.waitForTray((item) => item.toolTip.includes('Home runs on Bath'));
  await run.until('Bath is active', ({ pairs }) => pairs[0]?.activeId === 'bath');
  await expect(panel).toContainText('ActiveBathstandby');
  await nameSays(addresses.b);
  await say('still there?');
});

test('the role is handed back by the button, and the name follows', async () => {
  await settledOn('bath');
  await press('Hand over');
  await desktop.waitForNotification(({ summary }) => summary === 'Home: Attic is active now');
  await settledOn('attic');
  await expect(panel).toContainText('ActiveAtticprimary');
  await nameSays(addresses.a);
  const asked = model.requests.length;
  await say('and now?');
  expect(model.requests.slice(asked).some(({ prompt }) => prompt.includes('and now?'))).toBe(true);
  // What was said to the other computer's gateway, which has a model of its own, came back with the role.
  expect(promptWith('and now?')).toContain('Echo: still there?');
});
