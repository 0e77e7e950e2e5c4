import { buildApp, buildNodeEntries } from './build.mjs';
import { packageApp } from './package.mjs';
import { existsSync } from 'node:fs';
import { inRoot } from './setup/paths.mjs';
import { SetupError, say } from './setup/report.mjs';
import { resolveRuntimes } from './setup/runtimes.mjs';
import { withDisplay } from './setup/display.mjs';
import { exitCodeOf, runForeground } from './foreground.mjs';
import { start } from './start.mjs';
import { test } from './test.mjs';

const everything = { gateway: true, electron: true, libraries: true };
const browser = { electron: true, libraries: true };
/** Name servers and network tools, which come with the libraries. */
const testPrograms = { electron: true, libraries: true, testPrograms: true };

/**
 * What `trust` runs from the source tree.
 * @type {Readonly<Record<string, (args: string[]) => Promise<number>>>}
 */
const trustFromSource = {
  model: (args) => runSource('src/trust/testing/model/model-main.node.ts', args),
  loopback: (args) =>
    withDisplay((display) => runSource('e2e/door/run-loopback.ts', args, browser, display)),
  attack: (args) => runWithApp('e2e/trust/run-attack.ts', args),
  canary: (args) => runWithApp('e2e/trust/run-canaries.ts', args),
  twins: (args) => runSource('e2e/trust/run-twins.ts', args),
};

/** @type {Readonly<Record<string, (args: string[]) => Promise<number>>>} */
const commands = {
  start,
  test: (args) => test(args),
  check: () => test(['check']),
  format: async () => {
    const { node } = await resolveRuntimes({});
    const tool = inRoot('node_modules', 'prettier', 'bin', 'prettier.cjs');
    return exitCodeOf(await runForeground(node, [tool, '--write', '--log-level', 'warn', '.']));
  },
  build: async () => {
    const { node } = await resolveRuntimes({});
    await buildApp(node);
    await buildNodeEntries(node);
    return 0;
  },
  setup: async () => {
    const { node, electron, openclaw } = await resolveRuntimes({
      ...everything,
      testPrograms: true,
    });
    say(`Node      ${node}`);
    say(`Electron  ${electron?.executable} (${electron?.version})`);
    say(`OpenClaw  ${openclaw}`);
    return 0;
  },
  route: (args) => runNodeEntry('route', args),
  guardian: (args) => runNodeEntry('guardian', args),
  trust: (args) => {
    const fromSource = trustFromSource[args[0] ?? ''];
    return fromSource === undefined ? runNodeEntry('trust', args) : fromSource(args.slice(1));
  },
  headless: (args) => runNodeEntry('headless', args),
  bench,
  'ha:model': (args) => runSource('src/ha/testing/model/model-main.node.ts', args),
  'ha:sim': (args) => runSource('src/ha/testing/simulation/simulation-main.node.ts', args),
  'ha:swaps': (args) => runSource('build/ha/contested-swaps.ts', args, testPrograms),
  'ha:leases': (args) => runSource('build/ha/lease-hour.ts', args, testPrograms),
  'test:scenarios': (args) => runSource('e2e/failover/run-scenarios.ts', args, testPrograms),
  'test:two-computers': twoComputers,
  'test:kill-storm': (args) => runSource('e2e/failover/kill-storm.ts', args, testPrograms),
  'test:continuity': (args) =>
    runSource('e2e/continuity/run-continuity.ts', args, { gateway: true, ...testPrograms }),
  'continuity:soak': (args) => runSource('e2e/continuity/run-soak.ts', args, { gateway: true }),
  package: packageApp,
};

const usage = `usage: npm start -- [--demo] [--home DIR] [arguments for the app]
       npm test [-- unit|e2e|check]
       npm run ${Object.keys(commands)
         .filter((name) => name !== 'start' && name !== 'test')
         .join('|')} [-- arguments]
`;

/**
 * @param {string | undefined} name
 * @param {string[]} args what follows it
 * @returns {Promise<number>} the exit code
 */
export async function runCommand(name, args) {
  const command = name === undefined ? undefined : commands[name];
  if (command === undefined) {
    process.stderr.write(name === undefined ? usage : `There is no command "${name}".\n${usage}`);
    return 2;
  }
  try {
    return await command(args);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  }
}

/** @param {string} name @param {readonly string[]} args @returns {Promise<number>} */
async function runNodeEntry(name, args) {
  const { node, env } = await resolveRuntimes({});
  await buildNodeEntries(node);
  // Paths on the command line are relative to where the person typed it, not to the repository.
  const cwd = process.env['INIT_CWD'] ?? process.cwd();
  return exitCodeOf(
    await runForeground(node, [inRoot('out', 'node', `${name}.js`), ...args], { env, cwd }),
  );
}

/**
 * Runs a program of the tree from its source, with the guardian built.
 * @param {string} path
 * @param {readonly string[]} args
 * @param {Parameters<typeof resolveRuntimes>[0]} [needs]
 * @param {{ DISPLAY?: string }} [display]
 * @returns {Promise<number>}
 */
async function runSource(path, args, needs = {}, display = {}) {
  const { node, env } = await resolveRuntimes(needs);
  await buildNodeEntries(node);
  return exitCodeOf(
    await runForeground(node, [inRoot(...path.split('/')), ...args], {
      env: { ...env, ...display },
    }),
  );
}

/**
 * Runs a program of the tree that starts the built app.
 * @param {string} path
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function runWithApp(path, args) {
  return withDisplay(async (display) => {
    const { node } = await resolveRuntimes(everything);
    await buildApp(node);
    return runSource(path, args, everything, display);
  });
}

/** @param {readonly string[]} args @returns {Promise<number>} */
async function twoComputers(args) {
  const { node, env } = await resolveRuntimes({ ...everything, testPrograms: true });
  await buildApp(node);
  await buildNodeEntries(node);
  const entry = inRoot('e2e', 'failover', 'run-two-computers.ts');
  return withDisplay(async (display) =>
    exitCodeOf(await runForeground(node, [entry, ...args], { env: { ...env, ...display } })),
  );
}

/** @param {readonly string[]} args @returns {Promise<number>} */
async function bench(args) {
  const entry = inRoot('build', 'bench', 'main.ts');
  if (!existsSync(entry))
    throw new SetupError('There are no benchmarks in this tree (build/bench/main.ts).');
  const { node, env } = await resolveRuntimes({ electron: true, libraries: true });
  await buildApp(node);
  await buildNodeEntries(node);
  return withDisplay(async (display) =>
    exitCodeOf(await runForeground(node, [entry, ...args], { env: { ...env, ...display } })),
  );
}
