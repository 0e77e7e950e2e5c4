'use strict';
// The smallest main process that can show a built page: the app:// protocol with the app's own policy, and a bridge
// whose answers a test puts in. Run by the Electron runtime, so it is CommonJS without types, and imports Electron only.
const { app, BrowserWindow, ipcMain, nativeTheme, net, protocol, session } = require('electron');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const root = process.env.SWITCHYARD_RENDERER ?? path.resolve(__dirname, '../../out/renderer');
/** The app's own policy, handed over by the harness; without it no page is to be tested at all. */
const policy = process.env.SWITCHYARD_PAGE_POLICY;
if (!policy) throw new Error('SWITCHYARD_PAGE_POLICY is missing');

/** What the tests read and write through `electronApp.evaluate`. */
const mock = {
  /** channel → reply, or a function of the input. */
  replies: new Map(),
  /** Every call that a page made: { channel, input }. */
  calls: [],
  /** Every address that left the page for somewhere else than the app itself. */
  requests: [],
  /** Every address that a page tried to go to or open. */
  navigations: [],
  open,
};
globalThis.mock = mock;

protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true } },
]);

ipcMain.handle('mock', async (_event, channel, input) => {
  mock.calls.push({ channel, input });
  const reply = mock.replies.get(channel);
  return typeof reply === 'function' ? reply(input) : (reply ?? { ok: true, value: null });
});

async function open({ surface, channels, width, height, dark }) {
  nativeTheme.themeSource = dark ? 'dark' : 'light';
  for (const window of BrowserWindow.getAllWindows()) window.destroy();
  const window = new BrowserWindow({
    useContentSize: true,
    width,
    height,
    frame: false,
    transparent: surface === 'overlay',
    webPreferences: {
      preload: path.join(__dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      additionalArguments: [`--mock-channels=${JSON.stringify(channels)}`],
    },
  });
  window.webContents.on('will-navigate', (event) => {
    mock.navigations.push(event.url);
    event.preventDefault();
  });
  window.webContents.setWindowOpenHandler(({ url }) => {
    mock.navigations.push(url);
    return { action: 'deny' };
  });
  await window.loadURL(`app://bundle/${surface}.html`);
  window.webContents.focus();
}

app.on('window-all-closed', () => undefined);

void app.whenReady().then(() => {
  protocol.handle('app', async (request) => {
    const { pathname } = new URL(request.url);
    const file = path.join(root, path.normalize(decodeURIComponent(pathname)));
    const response = await net.fetch(pathToFileURL(file).href);
    const headers = new Headers(response.headers);
    headers.set('content-security-policy', policy);
    return new Response(response.body, { status: response.status, headers });
  });
  session.defaultSession.webRequest.onBeforeRequest((details, answer) => {
    const own = details.url.startsWith('app://bundle/') || details.url.startsWith('file:');
    if (!own) mock.requests.push(details.url);
    answer({ cancel: !own });
  });
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) =>
    answer(false),
  );
  session.defaultSession.setPermissionCheckHandler(() => false);
});
