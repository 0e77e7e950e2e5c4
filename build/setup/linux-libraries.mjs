// What Electron, the keyring and the tests need from a Linux system. As root on Debian or Ubuntu the missing
// packages are installed; otherwise the one command that does it is shown.

import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError, say, step } from './report.mjs';
import { requireSuccess, runProgram } from './run-program.mjs';

/** Library → Debian package; where Debian 13 and Ubuntu 24.04 renamed one, the new name follows. */
const libraryPackages = /** @type {const} */ ({
  'libglib-2.0.so.0': ['libglib2.0-0', 'libglib2.0-0t64'],
  'libgobject-2.0.so.0': ['libglib2.0-0', 'libglib2.0-0t64'],
  'libgio-2.0.so.0': ['libglib2.0-0', 'libglib2.0-0t64'],
  'libnss3.so': ['libnss3'],
  'libnssutil3.so': ['libnss3'],
  'libsmime3.so': ['libnss3'],
  'libnspr4.so': ['libnspr4'],
  'libatk-1.0.so.0': ['libatk1.0-0', 'libatk1.0-0t64'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0', 'libatk-bridge2.0-0t64'],
  'libatspi.so.0': ['libatspi2.0-0', 'libatspi2.0-0t64'],
  'libcups.so.2': ['libcups2', 'libcups2t64'],
  'libdbus-1.so.3': ['libdbus-1-3'],
  'libdrm.so.2': ['libdrm2'],
  'libgtk-3.so.0': ['libgtk-3-0', 'libgtk-3-0t64'],
  'libgdk-3.so.0': ['libgtk-3-0', 'libgtk-3-0t64'],
  'libgdk_pixbuf-2.0.so.0': ['libgdk-pixbuf-2.0-0'],
  'libpango-1.0.so.0': ['libpango-1.0-0'],
  'libpangocairo-1.0.so.0': ['libpangocairo-1.0-0'],
  'libcairo.so.2': ['libcairo2'],
  'libcairo-gobject.so.2': ['libcairo-gobject2'],
  'libX11.so.6': ['libx11-6'],
  'libX11-xcb.so.1': ['libx11-xcb1'],
  'libxcb.so.1': ['libxcb1'],
  'libXcomposite.so.1': ['libxcomposite1'],
  'libXcursor.so.1': ['libxcursor1'],
  'libXdamage.so.1': ['libxdamage1'],
  'libXext.so.6': ['libxext6'],
  'libXfixes.so.3': ['libxfixes3'],
  'libXi.so.6': ['libxi6'],
  'libXrandr.so.2': ['libxrandr2'],
  'libXrender.so.1': ['libxrender1'],
  'libXss.so.1': ['libxss1'],
  'libXtst.so.6': ['libxtst6'],
  'libxkbcommon.so.0': ['libxkbcommon0'],
  'libgbm.so.1': ['libgbm1'],
  'libexpat.so.1': ['libexpat1'],
  'libuuid.so.1': ['libuuid1'],
  'libudev.so.1': ['libudev1'],
  'libasound.so.2': ['libasound2', 'libasound2t64'],
  'libstdc++.so.6': ['libstdc++6'],
  'libgcc_s.so.1': ['libgcc-s1'],
  'libnotify.so.4': ['libnotify4'],
  'libsecret-1.so.0': ['libsecret-1-0'],
});

/** Libraries that are opened while running, so that `ldd` does not name them: notifications and the keyring. */
const openedLater = ['libnotify.so.4', 'libsecret-1.so.0'];

/** Program → Debian package. Only the tests, the demo and machines without a display need them. */
const programPackages = {
  Xvfb: 'xvfb',
  'dbus-daemon': 'dbus-daemon',
  'dbus-run-session': 'dbus-daemon',
  'gnome-keyring-daemon': 'gnome-keyring',
  // The failover tests build networks of their own, with real name servers in them.
  ip: 'iproute2',
  nft: 'nftables',
  named: 'bind9',
  dig: 'bind9-dnsutils',
  dnsmasq: 'dnsmasq-base',
};

const fontPackage = 'fonts-dejavu-core';
const fontFolders = [
  '/usr/share/fonts',
  '/usr/local/share/fonts',
  join(process.env['HOME'] ?? '/', '.fonts'),
];

/**
 * @param {string} electron the executable
 * @param {{ forTests: boolean, needsDisplay: boolean }} use
 */
export async function ensureLinuxLibraries(electron, use) {
  if (process.platform !== 'linux') return;
  const missing = await findMissing(electron, use);
  if (missing.length === 0) return;
  const install = ['apt-get', 'install', '-y', '--no-install-recommends'];
  const command = [...install, ...missing.map((names) => names[0])].join(' ');
  const isDebian = findProgram('apt-get') !== undefined;
  if (!isDebian) {
    throw new SetupError(
      `These are missing (Debian's names): ${missing.map((names) => names[0]).join(' ')}. Install them with your package manager.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      `System libraries are missing. Install them and try again:\n  sudo ${command}`,
    );
  }
  say(
    `system packages are missing and will be installed: ${missing.map((names) => names[0]).join(' ')}`,
  );
  await step(`system packages (apt-get)`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const update = await runProgram('apt-get', ['update'], { env });
    requireSuccess(
      update,
      'apt-get update failed. Check the network and the package sources, then try again; it said:',
    );
    const names = await Promise.all(missing.map(availableName));
    const result = await withoutStartingServices(() =>
      runProgram('apt-get', [...install.slice(1), ...names], { env }),
    );
    requireSuccess(
      result,
      `The packages could not be installed. Try by hand:\n  ${command}\napt-get said:`,
    );
  });
  const still = await findMissing(electron, use);
  if (still.length === 0) return;
  throw new SetupError(
    `Still missing after the installation: ${still.map((names) => names[0]).join(' ')}`,
  );
}

/**
 * @param {string} electron
 * @param {{ forTests: boolean, needsDisplay: boolean }} use
 * @returns {Promise<(readonly string[])[]>} the missing packages, each with its alternative names
 */
async function findMissing(electron, use) {
  const known = await knownLibraries();
  const libraries = [
    ...(await unresolvedLibraries(electron)),
    ...openedLater.filter((name) => !known.includes(name)),
  ];
  /** @type {Map<string, readonly string[]>} */
  const missing = new Map();
  for (const library of libraries) {
    const names = libraryPackages[/** @type {keyof typeof libraryPackages} */ (library)];
    if (names === undefined) {
      throw new SetupError(
        `Electron needs ${library}, and we do not know which package has it. Install it and try again.`,
      );
    }
    missing.set(names[0], names);
  }
  for (const [program, name] of Object.entries(programPackages)) {
    const needed = program === 'Xvfb' ? use.needsDisplay : use.forTests;
    if (needed && findProgram(program) === undefined) missing.set(name, [name]);
  }
  if (!fontFolders.some(hasFont)) missing.set(fontPackage, [fontPackage]);
  return [...missing.values()];
}

/**
 * Debian starts a server that it installs; we want the program only, and no name server on this machine.
 * @template T @param {() => Promise<T>} run @returns {Promise<T>}
 */
async function withoutStartingServices(run) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return run();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await run();
  } finally {
    rmSync(policy, { force: true });
  }
}

/** @param {string} executable @returns {Promise<string[]>} what `ldd` cannot find */
async function unresolvedLibraries(executable) {
  const { output } = await runProgram('ldd', [executable]);
  return [...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? '');
}

/** @returns {Promise<string>} the linker's list of libraries */
async function knownLibraries() {
  const ldconfig = findProgram('ldconfig') ?? '/sbin/ldconfig';
  return (await runProgram(ldconfig, ['-p'])).stdout;
}

/** @param {readonly string[]} names @returns {Promise<string>} the first that this distribution has */
async function availableName(names) {
  for (const name of names) {
    const { stdout } = await runProgram('apt-cache', ['policy', name]);
    if (/Candidate: (?!\(none\))/.test(stdout)) return name;
  }
  return names[0] ?? '';
}

/** @param {string} program @returns {string | undefined} its path */
export function findProgram(program) {
  // Servers lie where a plain user's PATH does not look.
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

/** @param {string} folder @returns {boolean} */
function hasFont(folder) {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) =>
    /\.(ttf|otf|ttc|pf[ab])$/i.test(name),
  );
}
