// The reference of the app bench: what Electron costs before an app does anything. One window, a page over all of it and
// two views above, as the app has them; the only call is the smallest there can be, the floor of every round trip.

const { join } = require('node:path');
const { app, BaseWindow, ipcMain, WebContentsView } = require('electron');

ipcMain.handle('ping', (_event, number) => number);

app.whenReady().then(() => {
  const window = new BaseWindow({ width: 1280, height: 800, title: 'Empty window' });
  const add = (title, bounds, webPreferences) => {
    const view = new WebContentsView({ webPreferences });
    window.contentView.addChildView(view);
    view.setBounds(bounds);
    void view.webContents.loadURL(`data:text/html,<title>${title}</title><p>${title}</p>`);
  };
  add(
    'shell',
    { x: 0, y: 0, width: 1280, height: 800 },
    { preload: join(__dirname, 'preload.cjs') },
  );
  add('left', { x: 0, y: 40, width: 640, height: 600 }, {});
  add('right', { x: 640, y: 40, width: 640, height: 600 }, {});
});

app.on('window-all-closed', () => app.quit());
