// npm run trust -- canary [--count N]: N canaries (1,000 unless told), each in six dresses, said and asked by the personal agent in the
// real app, with trust off and on; then a search of all that is not the personal side: bytes and files of the work gateway, logs, what
// Chromium keeps, temporary files, notifications, the app's output. Last, the person sends one of them to work, which must be found, and
// nothing else. Exit code 1 when something else is found, or that one is not.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { errorText } from '../../src/base/index.ts';
import { startAttackWorld, type AttackWorld } from './attack-world.ts';
import { until } from './attacked-app.ts';
import { canarySearch, dresses, newCanary, type CanaryHit } from './canaries.ts';
import { watchHost } from './host-watch.ts';

const root = resolve(import.meta.dirname, '../..');
const canariesAtOnce = 50;

let world: AttackWorld | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    void (world?.close() ?? Promise.resolve()).finally(() =>
      process.exit(128 + constants.signals[signal]),
    );
  });
process.exit(await run(process.argv.slice(2)));

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: 'string', default: '1000' }, app: { type: 'string' } },
  });
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 1) {
    process.stderr.write('usage: npm run trust -- canary [--count N] [--app DIR]\n');
    return 2;
  }
  const canaries = Array.from({ length: count }, (_, index) => newCanary(String(index)));
  let holds = true;
  for (const trust of [false, true]) {
    try {
      const lines = await hunt(
        canaries,
        trust,
        values.app === undefined ? root : resolve(values.app),
      );
      holds &&= lines.length === 0;
      say(
        `${lines.length === 0 ? '✓' : '✗'} trust ${trust ? 'on, nothing granted' : 'off'}: ${count.toLocaleString('en')} canaries in ${dresses.length} dresses, ${lines.length} found where they do not belong`,
      );
      for (const line of lines.slice(0, 20)) say(`    ✗ ${line}`);
    } catch (error) {
      holds = false;
      say(`✗ trust ${trust ? 'on' : 'off'}: could not be played: ${errorText(error)}`);
    } finally {
      await world?.close();
      world = null;
    }
  }
  say(`\n${holds ? 'holds' : 'DOES NOT HOLD'}`);
  return holds ? 0 : 1;
}

/** Plays one world; a line for each canary that was found where it does not belong, or was not found where it does. */
async function hunt(
  canaries: readonly string[],
  trust: boolean,
  appRoot: string,
): Promise<readonly string[]> {
  world = await startAttackWorld({ root: appRoot, canaries, trust });
  const { app, folders, proxy, puppet, model } = world;
  const find = canarySearch(world.canaries);
  // The folder of the profile has a canary in its name, which the app's own files may hold.
  const findInProfile = canarySearch(canaries);
  let output = '';
  for (const stream of [app.app.process().stdout, app.app.process().stderr])
    stream?.on('data', (data: Buffer) => (output += data.toString('utf8')));
  const watch = await watchHost(app.app, { mayWrite: [folders.profile], mayReach: world.ports });

  const lines: string[] = [];
  const note = (where: string, hits: readonly CanaryHit[]): void => {
    for (const { canary, encoding } of hits) lines.push(`${where}: ${canary} (${encoding})`);
  };
  for (let from = 0; from < canaries.length; from += canariesAtOnce) {
    const texts = canaries
      .slice(from, from + canariesAtOnce)
      .flatMap((canary) => dresses.map((dress) => dress(canary)));
    await puppet.obey(texts, (index) => `canary-${from}-${index}`);
    for (const text of proxy.takeBytes()) note('bytes to work', find(text));
    for (const { kind, what } of await watch.take()) lines.push(`${kind}: ${what}`);
  }
  for (const [where, folder] of Object.entries(elsewhere(world)))
    for (const text of textsBelow(folder))
      note(where, (folder.startsWith(folders.profile) ? findInProfile : find)(text));
  for (const { prompt } of model.requests) note('prompt of the work model', find(prompt));
  note('output of the app', find(output));

  const [sent = ''] = canaries;
  await sayToWork(world, sent);
  const hits = [...proxy.takeBytes().flatMap(find)];
  if (!hits.some(({ canary }) => canary === sent))
    lines.push(`the one that was sent was not found: ${sent}`);
  note(
    'bytes to work with the one that was sent',
    hits.filter(({ canary }) => canary !== sent),
  );
  await watch.stop();
  return lines;
}

/** What is not the personal side's own: its folders of the profile (drafts, messages on their way) are left out. */
function elsewhere({ folders }: AttackWorld): Readonly<Record<string, string>> {
  return {
    'files of the work gateway': join(folders.base, 'cloud'),
    'log of the app': join(folders.profile, 'logs'),
    'trust folder': join(folders.profile, 'trust'),
    'door for agents': join(folders.profile, 'door'),
    'what Chromium keeps': join(folders.profile, 'electron'),
    'temporary files': folders.temporary,
  };
}

function textsBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      try {
        return [readFileSync(join(entry.parentPath, entry.name), 'latin1')];
      } catch {
        return []; // Chromium removes its files as it likes
      }
    });
}

/** The person's own act: a message to work that names a canary. */
async function sayToWork({ app, model }: AttackWorld, text: string): Promise<void> {
  const composer = app.shell.getByRole('textbox', { name: 'Message' });
  await composer.fill(`@acme ${text}`);
  await app.shell.getByRole('status', { name: 'Route' }).filter({ hasText: 'Acme' }).waitFor();
  await composer.press('Enter');
  await until('the work model', () =>
    Promise.resolve(model.requests.some(({ prompt }) => prompt.includes(text)) ? true : undefined),
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
