/** Shows that a real Electron talks to the double: what a test sees there is what an app sent. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { startDesktopDouble } from './desktop-double.ts';

const app = `
const { app, Tray, Notification, nativeImage, Menu } = require('electron');
function picture(shade) {
  const pixels = Buffer.alloc(22 * 22 * 4, 255);
  for (let at = 0; at < pixels.length; at += 4) pixels[at] = shade;
  return nativeImage.createFromBitmap(pixels, { width: 22, height: 22 });
}
let tray;
app.whenReady().then(() => {
  tray = new Tray(picture(10));
  tray.setToolTip('all ready');
  tray.setContextMenu(Menu.buildFromTemplate([{ label: 'Quit' }]));
  new Notification({ title: 'Home', body: 'Home standby took over' }).show();
});
process.stdin.once('data', () => {
  tray.setImage(picture(200));
  tray.setToolTip('standby active');
});
`;

test('a notification arrives, and a tray item with its changes', async () => {
  const desktop = await startDesktopDouble();
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-desktop-'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'desktop-double-test', main: 'main.cjs' }),
  );
  writeFileSync(join(folder, 'main.cjs'), app);
  const electron = process.env.SWITCHYARD_ELECTRON ?? 'SWITCHYARD_ELECTRON-is-not-set';
  const command = [
    electron,
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${join(folder, 'data')}`,
    folder,
  ];
  const [program = '', ...args] =
    process.env.DISPLAY === undefined ? ['xvfb-run', '-a', ...command] : command;
  const child = spawn(program, args, {
    env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: desktop.address },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code) => {
      resolve(`exit code ${code}`);
    });
  });
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM'); // xvfb-run, Xvfb and Electron: the group that was started here
    await ended;
    await desktop.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const orEnd = <T>(wanted: Promise<T>): Promise<T> =>
    Promise.race([
      wanted,
      ended.then((how) => Promise.reject(new Error(`Electron (${electron}) ended: ${how}`))),
    ]);

  expect(
    await orEnd(desktop.waitForNotification(({ summary }) => summary === 'Home')),
  ).toMatchObject({ body: 'Home standby took over' });
  const before = await orEnd(desktop.waitForTray(({ toolTip }) => toolTip === 'all ready'));
  expect(before.picture).toMatchObject({ width: 22, height: 22 });
  child.stdin.write('change\n');
  const after = await orEnd(
    desktop.waitForTray(
      ({ toolTip, picture }) =>
        toolTip === 'standby active' && picture?.hash !== before.picture?.hash,
    ),
  );
  expect(desktop.trayItems()).toEqual([after]);
});
