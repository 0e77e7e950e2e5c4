import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { app, dialog } from 'electron';

import { errorText } from '../base/index.ts';
import { resolveHome } from '../store/index.node.ts';
import { runApp } from './app.ts';
import { closeClipboard } from './security/clipboard.ts';
import { registerAppScheme } from './security/protocol.ts';
import { closeSpellChecker } from './security/spell-checker.ts';

// In the first turn, before the app is ready: none of this can be done later.
registerAppScheme();
closeClipboard();
closeSpellChecker();
// Root may not use Chromium's sandbox (set-up then passes --no-sandbox and says so); asking for it anyway ends every process.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();

// Chromium's own switches are among the arguments, so unknown ones are let pass.
const { values } = parseArgs({
  options: { home: { type: 'string' } },
  strict: false,
  allowPositionals: true,
});
const home = resolveHome(typeof values.home === 'string' ? values.home : null);
// One instance per profile: the lock lives in this folder.
app.setPath('userData', join(home, 'electron'));

if (app.requestSingleInstanceLock()) {
  app
    .whenReady()
    .then(() => runApp(home))
    .catch((error: unknown) => {
      dialog.showErrorBox('Switchyard cannot start', errorText(error));
      app.exit(1);
    });
} else {
  app.exit(0); // the running instance was told by the lock and shows its window
}
