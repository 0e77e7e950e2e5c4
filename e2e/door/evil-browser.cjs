'use strict';
// A browser on a hostile page, with nothing of our app in it: a hidden window of the Electron runtime, which is Chromium.
// Each line of its input is an attack, {url, script}: the page is opened anew, the script runs in it as the page's own
// would, and a line says what it saw. Run by the Electron runtime, so it is CommonJS without types.
const { app, BrowserWindow } = require('electron');
const { createInterface } = require('node:readline');

/** An attack that does not end is given up. */
const patienceMs = 10_000;

app.on('window-all-closed', () => undefined);

async function attack({ url, script }) {
  const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
  window.webContents.setWindowOpenHandler(() => ({
    action: 'allow',
    overrideBrowserWindowOptions: { show: false },
  }));
  const patience = new Promise((resolve) => setTimeout(resolve, patienceMs, 'gave up'));
  try {
    await window.loadURL(url);
    const seen = window.webContents.executeJavaScript(script).catch(String);
    return String(await Promise.race([seen, patience]));
  } catch (error) {
    return `the page did not open: ${error}`;
  } finally {
    for (const open of BrowserWindow.getAllWindows()) open.destroy();
  }
}

void app.whenReady().then(async () => {
  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await attack(JSON.parse(line)))}\n`);
  app.exit(0);
});
