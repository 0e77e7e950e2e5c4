// npm run package: a runnable directory (dist/linux-unpacked) and a deb, made offline by electron-builder.

import { existsSync } from 'node:fs';
import { buildApp, buildNodeEntries } from './build.mjs';
import { exitCodeOf, runForeground } from './foreground.mjs';
import { findProgram } from './setup/linux-libraries.mjs';
import { inRoot } from './setup/paths.mjs';
import { SetupError, say } from './setup/report.mjs';
import { resolveRuntimes } from './setup/runtimes.mjs';

/** @param {readonly string[]} args for electron-builder, for example `--dir` @returns {Promise<number>} */
export async function packageApp(args) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `Packages are made on Linux x64 only so far; this is ${process.platform}-${process.arch}.`,
    );
  }
  if (findProgram('dpkg-deb') === undefined) {
    throw new SetupError(
      'dpkg-deb is needed to make the deb. On Debian and Ubuntu: sudo apt-get install dpkg',
    );
  }
  const { node, electron, env } = await resolveRuntimes({ electron: true });
  if (electron === undefined || electron.version === 'unknown') {
    throw new SetupError(
      `The version of ${electron?.executable} is unknown: it has no version file beside it.`,
    );
  }
  await buildApp(node);
  await buildNodeEntries(node);
  if (!existsSync(inRoot('resources', 'icons', 'icon.png'))) {
    throw new SetupError('resources/icons/icon.png is missing; the package needs it (512 × 512).');
  }
  say(`packaging with Electron ${electron.version}`);
  const builder = inRoot('node_modules', 'electron-builder', 'cli.js');
  const options = [
    '--linux',
    '--x64',
    '--publish',
    'never',
    '--config',
    'build/electron-builder.config.mjs',
  ];
  return exitCodeOf(
    await runForeground(node, [builder, ...options, ...args], {
      env: {
        ...env,
        SWITCHYARD_ELECTRON_VERSION: electron.version,
        // fpm would be downloaded; ours does what electron-builder asks of it with dpkg-deb.
        CUSTOM_FPM_PATH: inRoot('build', 'package', 'fpm-shim.mjs'),
      },
    }),
  );
}
