// npm start: opens the app, with --demo on a world of its own.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildApp, buildNodeEntries } from './build.mjs';
import { exitCodeOf, runForeground } from './foreground.mjs';
import { withDisplay } from './setup/display.mjs';
import { inRoot } from './setup/paths.mjs';
import { SetupError, say, step } from './setup/report.mjs';
import { resolveRuntimes } from './setup/runtimes.mjs';

const demoReadyLimitMs = 120_000;
const demoStopLimitMs = 10_000;

const usage = `usage: npm start -- [--demo] [--home DIR] [arguments for the app]
  --demo      open the app on a demo world: real gateways, an echo model, no account
  --home DIR  the profile folder (or SWITCHYARD_HOME)
`;

/** @param {readonly string[]} args @returns {Promise<number>} */
export async function start(args) {
  const options = parseStartArguments(args);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (options.problem !== undefined) {
    process.stderr.write(`${options.problem}\n${usage}`);
    return 2;
  }
  const { node, electron, env } = await resolveRuntimes({
    electron: true,
    gateway: true,
    libraries: true,
  });
  if (electron === undefined) throw new Error('an Electron runtime was asked for');
  await buildApp(node);
  await buildNodeEntries(node);
  const home = options.home ?? (options.demo ? newDemoHome() : undefined);

  return withDisplay(async (display) => {
    const world =
      options.demo && home !== undefined ? await startDemoWorld(node, home, env) : undefined;
    try {
      const appArgs = [
        ...chromiumFlags(display.DISPLAY !== undefined),
        inRoot(),
        ...(home === undefined ? [] : ['--home', home]),
        ...options.rest,
      ];
      return exitCodeOf(
        await runForeground(electron.executable, appArgs, {
          env: { ...env, ...display },
          ownGroup: true,
        }),
      );
    } finally {
      await world?.stop();
    }
  });
}

/**
 * @param {readonly string[]} args
 * @returns {{ demo: boolean, help: boolean, home: string | undefined, rest: string[], problem: string | undefined }}
 */
export function parseStartArguments(args) {
  let demo = false;
  let help = false;
  let home = process.env['SWITCHYARD_HOME'] || undefined;
  /** @type {string | undefined} */
  let problem;
  const rest = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--demo') demo = true;
    else if (arg.startsWith('--demo=')) problem = '--demo takes no value.';
    else if (arg === '--help' || arg === '-h') help = true;
    else if (arg === '--home' || arg.startsWith('--home=')) {
      const value = arg === '--home' ? args[(index += 1)] : arg.slice('--home='.length);
      if (!value || value.startsWith('-')) problem = '--home needs a folder.';
      else home = value;
    } else rest.push(arg);
  }
  const from = process.env['INIT_CWD'] ?? process.cwd();
  return { demo, help, home: home === undefined ? undefined : resolve(from, home), rest, problem };
}

/** @returns {string} */
function newDemoHome() {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-demo-'));
  say(`demo profile: ${home} (it stays there; open it again with --demo --home ${home})`);
  return home;
}

/** @param {boolean} isVirtual @returns {string[]} */
function chromiumFlags(isVirtual) {
  const flags = [];
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    say(
      "running as root: Chromium refuses its sandbox there, so --no-sandbox is added. Prefer a user's account.",
    );
    flags.push('--no-sandbox');
  } else if (process.platform === 'linux' && !allowsUserNamespaces()) {
    say(
      "this system forbids unprivileged user namespaces, which Chromium's sandbox needs; if the app does not start: " +
        'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 kernel.unprivileged_userns_clone=1',
    );
  }
  if (isVirtual) flags.push('--disable-gpu');
  return flags;
}

/** @returns {boolean} */
function allowsUserNamespaces() {
  const is = (/** @type {string} */ name, /** @type {string} */ value) => {
    const path = `/proc/sys/kernel/${name}`;
    return existsSync(path) && readFileSync(path, 'utf8').trim() === value;
  };
  return !is('apparmor_restrict_unprivileged_userns', '1') && !is('unprivileged_userns_clone', '0');
}

/**
 * The demo world is a child that says `{"ready":true}` on stdout and ends, with all it started, when its stdin does.
 * @param {string} node
 * @param {string} home
 * @param {Record<string, string>} env
 * @returns {Promise<{ stop: () => Promise<void> }>}
 */
async function startDemoWorld(node, home, env) {
  const child = spawn(node, [inRoot('e2e', 'support', 'demo-world.ts'), '--home', home], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    // Not in our process group: Ctrl-C must not end the world before the app that uses it.
    detached: process.platform !== 'win32',
  });
  const ended = new Promise((done) => {
    child.once('exit', done).once('error', done);
  });
  // The pipe breaks when the world dies first; its exit is what we look at.
  child.stdin.on('error', () => {});
  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGTERM'), demoStopLimitMs / 2);
    const lastTimer = setTimeout(() => child.kill('SIGKILL'), demoStopLimitMs);
    await ended;
    clearTimeout(timer);
    clearTimeout(lastTimer);
  };
  await step('demo world (echo model, portal, gateways)', async () => {
    const ready = await new Promise((/** @type {(value: boolean) => void} */ done) => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
        text += chunk;
        if (/"ready"\s*:\s*true/.test(text)) done(true);
      });
      void ended.then(() => done(false));
      setTimeout(() => done(false), demoReadyLimitMs).unref();
    });
    if (ready) return;
    await stop();
    throw new SetupError('The demo world did not start; what it said is above.');
  });
  return { stop };
}
