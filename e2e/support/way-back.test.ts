import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { expect, onTestFinished, test, vi } from 'vitest';

import { createLogger, systemRandom } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import { gatewayFolder } from '../../src/gateways/index.node.ts';
import { buildFencePlugin } from '../../src/ha/fence/testing/fenced-gateway.ts';
import { variable } from '../../src/ha/testing/gateway-process.ts';
import { createTranslator, emptyPairForm } from '../../src/shared/index.ts';
import type { AppState, PairForm } from '../../src/shared/index.ts';
import type { Core } from '../../src/core/index.ts';
import { openCore } from '../../src/core/index.node.ts';
import { startPairWorld } from './pair-world.ts';

const root = join(import.meta.dirname, '..', '..');

function until(core: Core, what: string, holds: (state: AppState) => boolean): Promise<AppState> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      const { gateways, pairs, outbox } = core.state();
      reject(new Error(`${what}: ${JSON.stringify({ gateways, pairs, outbox }, null, 1)}`));
    }, 120_000);
    const look = (state: AppState): void => {
      if (!holds(state)) return;
      clearTimeout(timer);
      stop();
      resolve(state);
    };
    const stop = core.onState(look);
    look(core.state());
  });
}

/** Sends to a pane and waits for the answer. */
async function say(core: Core, paneId: string, text: string): Promise<void> {
  const sent = core.send({ text, binding: paneId }, paneId);
  if (!sent.ok) throw new Error(sent.error.message);
  await until(core, `an answer to “${text}”`, ({ outbox }) => outbox.length === 0);
}

/** What the users of all conversations said, from the gateway's own database. */
function saidTo(state: string): readonly string[] {
  const path = join(state, 'agents', 'main', 'agent', 'openclaw-agent.sqlite');
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare('SELECT event_json AS event FROM transcript_events ORDER BY rowid')
      .all()
      .flatMap(({ event }) => (typeof event === 'string' ? [JSON.parse(event) as object] : []))
      .filter((event) => JSON.stringify(event).includes('"role":"user"'))
      .map((event) => JSON.stringify(event));
  } finally {
    database.close();
  }
}

const hears = (state: string, words: string): boolean =>
  saidTo(state).some((event) => event.includes(words));

test('a gateway becomes a pair after a backup, fails over, and is single again with everything that was said', async () => {
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', 'unix:path=/nowhere'); // secrets of a test stay in memory
  const home = mkdtempSync(join(tmpdir(), 'swy-back-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const clock = systemClock();
  const runtime = { node: variable('SWITCHYARD_NODE'), openclaw: variable('SWITCHYARD_OPENCLAW') };
  const { model, stop } = await startPairWorld(home, runtime);
  onTestFinished(stop);
  const attic = gatewayFolder(home, 'attic');
  const bath = gatewayFolder(home, 'bath');
  const { core } = await openCore({
    home,
    version: '0.0.0',
    runtime,
    guardianEntry: join(root, 'src', 'ha', 'guardian', 'guardian-main.node.ts'),
    fencePlugin: buildFencePlugin(home),
    t: createTranslator('en'),
    clock,
    random: systemRandom(),
    logger: createLogger('test', () => clock.wallMs(), []),
  });
  onTestFinished(() => core.stop({ leaveRunning: false }));
  core.start();
  await until(core, 'both are ready', ({ gateways }) =>
    gateways.every(({ state }) => state.phase === 'ready'),
  );
  await say(core, 'attic', 'before-the-pair');

  const form: PairForm = {
    ...emptyPairForm,
    gatewayId: 'attic',
    second: 'existing',
    secondId: 'bath',
    name: 'House',
    consent: true,
  };
  expect(await core.pairSetup.save(form)).toEqual({ ok: true, value: { pairId: 'house' } });
  const [backup] = core.state().backups;
  if (backup?.state !== 'made') throw new Error(`no backup: ${JSON.stringify(backup)}`);
  expect(statSync(backup.backup.path).mode & 0o777).toBe(0o600);

  const isInStep = ({ pairs }: AppState): boolean =>
    pairs[0]?.cover === 'protected' && pairs[0].mirror?.state === 'in-step';
  await until(core, 'the pair is protected', isInStep);
  await say(core, 'house', 'said-to-attic');
  await until(core, 'the pair is in step', isInStep);
  const { pid } = JSON.parse(readFileSync(attic.pidFile, 'utf8')) as { readonly pid: number };
  process.kill(pid, 'SIGKILL');
  await until(core, 'Bath took over', ({ pairs }) => pairs[0]?.activeId === 'bath');
  await say(core, 'house', 'said-to-bath');
  await until(core, 'the pair is whole again', isInStep);

  const endedMs = clock.wallMs();
  const done = await core.wayBack.single('house', { keep: null, anyway: false });
  expect(done).toMatchObject({ ok: true });
  expect(core.state()).toMatchObject({ pairs: [], resting: ['attic'] });
  // Both start anew, without the plugin.
  await until(core, 'both have ended', ({ gateways }) =>
    gateways.every(({ state }) => state.sinceMs >= endedMs),
  );
  await until(core, 'both are ready', ({ gateways }) =>
    gateways.every(({ state }) => state.phase === 'ready'),
  );
  for (const { config } of [attic, bath])
    expect(readFileSync(config, 'utf8')).not.toContain('switchyard-fence');
  await say(core, 'bath', 'said-when-single');
  for (const words of ['before-the-pair', 'said-to-attic', 'said-to-bath', 'said-when-single'])
    expect(hears(bath.state, words), words).toBe(true);
  // What its model is asked has all of it.
  const { prompt } = await model.waitForRequest(({ text }) => text.includes('said-when-single'));
  for (const words of ['before-the-pair', 'said-to-attic', 'said-to-bath'])
    expect(prompt).toContain(words);
  expect(hears(attic.state, 'said-to-bath')).toBe(true);
  expect(hears(attic.state, 'said-when-single')).toBe(false);
  expect(JSON.parse(readFileSync(attic.config, 'utf8'))).toMatchObject({
    cron: { enabled: false },
  });
  expect(JSON.parse(readFileSync(bath.config, 'utf8'))).not.toHaveProperty('cron');

  // The backup is the state of before: OpenClaw unpacks it, and what was said then is in it.
  const unpacked = join(home, 'unpacked');
  execFileSync(
    runtime.node,
    [runtime.openclaw, 'backup', 'restore', backup.backup.path, '--target', unpacked],
    { env: { PATH: process.env['PATH'], HOME: home, OPENCLAW_STATE_DIR: join(home, 'nothing') } },
  );
  const restored = join(home, 'restored');
  mkdirSync(restored);
  const notes = readFileSync(backup.backup.path.replace(/\.tar\.gz$/u, '.txt'), 'utf8');
  const [, part] = /-unpacked\/([^"]+\/state)"/u.exec(notes) ?? [];
  cpSync(join(unpacked, part ?? 'the notes name no state'), restored, { recursive: true });
  expect(hears(restored, 'before-the-pair')).toBe(true);
  expect(hears(restored, 'said-to-attic')).toBe(false);
}, 400_000);
