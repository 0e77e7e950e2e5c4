// What `npm run package` makes: a runnable directory and a deb, offline, from the Electron that set-up found.

import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const electron = process.env['SWITCHYARD_ELECTRON'];
const electronVersion = process.env['SWITCHYARD_ELECTRON_VERSION'];
const node = process.env['SWITCHYARD_NODE'];
if (!electron || !electronVersion || !node) throw new Error('run this through npm run package');

/** Native packages: the Node programs load them from outside the archive. */
const native = ['@github/keytar', '@photostructure/sqlite', 'node-gyp-build'];

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'org.switchyard.app',
  productName: 'Switchyard',
  copyright: 'MIT licence',
  directories: { output: 'dist', buildResources: 'resources' },
  electronDist: dirname(electron),
  electronVersion,
  // Set-up installed the dependencies; every native part comes prebuilt for Node-API.
  npmRebuild: false,
  nodeGypRebuild: false,
  // No feed yet: the updater stays off until the settings name one.
  publish: null,
  files: [
    'out/**',
    'resources/**',
    'package.json',
    '!**/*.map',
    '!resources/icons/*.{cjs,svg}',
    '!**/*.d.{ts,mts,cts}',
    // The managed Node is shipped once, as a plain file (extraResources).
    '!node_modules/node-{linux,win}-*/**',
    // Prebuilt for other systems, or only needed to build from source.
    '!node_modules/**/prebuilds/{darwin,win32}-*/**',
    '!node_modules/@github/keytar/src/**',
    '!node_modules/@photostructure/sqlite/src/**',
    '!node_modules/node-addon-api/**',
    '!node_modules/zod/src/**',
  ],
  asar: true,
  asarUnpack: [
    'out/node/**',
    'out/gateway-plugin/**',
    'resources/units/**',
    ...native.map((name) => `node_modules/${name}/**`),
  ],
  extraResources: [{ from: node, to: 'node/node' }],
  // A development runtime's own app: it would load any folder it is given.
  afterPack: ({ appOutDir }) =>
    rm(join(appOutDir, 'resources', 'default_app.asar'), { force: true }),
  // What a user of the packaged app could turn against it is off; see the security checklist.
  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: {
    target: [
      { target: 'dir', arch: 'x64' },
      { target: 'deb', arch: 'x64' },
    ],
    executableName: 'switchyard',
    syncDesktopName: true,
    category: 'Network',
    synopsis: 'One desktop app for more than one OpenClaw gateway',
    icon: 'resources/icons/icon.png',
    maintainer: 'The Switchyard authors <maintainers@switchyard.invalid>',
    vendor: 'Switchyard',
    desktop: {
      entry: { StartupWMClass: 'Switchyard', Keywords: 'OpenClaw;assistant;chat;gateway;' },
    },
  },
  deb: {
    packageCategory: 'net',
    depends: [
      'libgtk-3-0',
      'libnotify4',
      'libnss3',
      'libxss1',
      'libxtst6',
      'libatspi2.0-0',
      'libuuid1',
      'libsecret-1-0',
      'libgbm1',
      'libasound2',
      'xdg-utils',
    ],
    recommends: ['gnome-keyring'],
  },
};
