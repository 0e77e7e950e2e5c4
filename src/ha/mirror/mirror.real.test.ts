import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { delay, systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { callPlugin } from '../fence/plugin-link.node.ts';
import {
  buildFencePlugin,
  connectTo,
  startFencedGateway,
} from '../fence/testing/fenced-gateway.ts';
import type { FencedGateway } from '../fence/testing/fenced-gateway.ts';
import { startScriptedModel } from '../fence/testing/scripted-model.ts';
import type { PromptMessage, ScriptedModel } from '../fence/testing/scripted-model.ts';
import type { HeldConnection } from '../health/held-connection.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { startMirror } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import { pluginJournal } from './plugin-journal.node.ts';
import type { Journal } from './ports.ts';

const clock = systemClock();
const random = systemRandom();
const main = 'agent:main:main';
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

interface Side {
  readonly gateway: FencedGateway;
  readonly model: ScriptedModel;
  readonly connection: HeldConnection;
  readonly journal: Journal;
}

async function startSide(folder: string, name: string, plugin: string): Promise<Side> {
  const model = await startScriptedModel();
  onTestFinished(() => model.stop());
  const gateway = await startFencedGateway(
    join(folder, name),
    plugin,
    { pair: 'home', gateway: name, mode: 'timed' },
    model,
  );
  onTestFinished(() => gateway.stop());
  return {
    gateway,
    model,
    connection: connectTo(gateway),
    journal: pluginJournal(connectTo(gateway)),
  };
}

async function activate({ connection }: Side, epoch: number): Promise<void> {
  const lease = { pair: 'home', epoch, seq: epoch * 10, untilMs: clock.bootMs() + 100_000 };
  await callPlugin(connection, 'switchyard.grant', lease, 10_000);
}

async function retire({ connection }: Side, epoch: number): Promise<void> {
  await callPlugin(connection, 'switchyard.fence', { pair: 'home', seq: epoch * 10 + 5 }, 10_000);
}

async function say(
  { connection }: Side,
  message: string,
  key = random.id(),
  sessionKey = main,
  more: object = {},
): Promise<void> {
  const sent = { sessionKey, message, idempotencyKey: key, ...more };
  await connection.request('chat.send', sent, 65_000);
  const ended = await connection.request('agent.wait', { runId: key, timeoutMs: 60_000 }, 65_000);
  expect(ended).toMatchObject({ status: 'ok' });
}

async function rowsOf({ journal }: Side, key = main): Promise<readonly unknown[]> {
  const state = await journal.look(key);
  if (!state.ok || state.value === null) return [];
  const rows = [];
  for (;;) {
    const tail = await journal.tail(key, state.value.mark.sessionId, rows.length);
    if (!tail.ok || tail.value === null) throw new Error('the rows could not be read');
    if (tail.value.rows.length === 0) return rows;
    rows.push(...tail.value.rows);
  }
}

async function settingsOf({ journal }: Side, key: string): Promise<unknown> {
  const state = await journal.look(key);
  return state.ok ? state.value?.settings : undefined;
}

/** What of a prompt belongs to the conversation: no instructions, none of OpenClaw's notes about the moment. */
function talkOf(prompt: readonly PromptMessage[]): readonly string[] {
  return prompt
    .filter(
      ({ role, content }) =>
        role !== 'system' &&
        role !== 'developer' &&
        !JSON.stringify(content).includes('BEGIN_OPENCLAW_INTERNAL_CONTEXT'),
    )
    .map(({ role, content, tool_calls: calls, tool_call_id: answered }) =>
      [role, JSON.stringify(content), ...(calls ?? []).map(({ id }) => id), answered].join(' '),
    );
}

async function inStep(mirror: Mirror, side: Side, other: Side): Promise<void> {
  const endMs = clock.bootMs() + 30_000;
  for (;;) {
    const [here, there] = [await side.journal.survey(), await other.journal.survey()];
    if (
      mirror.state().kind === 'in-step' &&
      here.ok &&
      there.ok &&
      JSON.stringify(here.value.sessions.map(({ key, mark }) => [key, mark]).sort()) ===
        JSON.stringify(there.value.sessions.map(({ key, mark }) => [key, mark]).sort())
    )
      return;
    if (clock.bootMs() > endMs)
      throw new Error(
        `not in step: ${JSON.stringify(mirror.state())}\n${JSON.stringify([here, there], null, 1).slice(0, 4_000)}`,
      );
    await delay(clock, 50);
  }
}

it('lets a second real gateway go on with the conversation of the first', async () => {
  const folder = temporaryFolder();
  const plugin = buildFencePlugin(folder);
  const [a, b] = await Promise.all([
    startSide(folder, 'a', plugin),
    startSide(folder, 'b', plugin),
  ]);
  await activate(a, 1);
  await say(a, 'before there was a mirror');

  const forth = startMirror({
    active: a.journal,
    copy: b.journal,
    epoch: 1,
    clock,
    random,
    onChange: () => undefined,
  });
  onTestFinished(() => forth.stop());
  await inStep(forth, a, b);

  // A turn with a tool, another conversation, a compaction: everything arrives as it is.
  a.model.mode = 'tool-once';
  a.model.command = 'echo forty-two';
  await say(a, 'what does the tool say');
  a.model.mode = 'echo';
  await say(a, 'the other conversation', random.id(), 'agent:main:other');
  await inStep(forth, a, b);
  expect(await rowsOf(b)).toEqual(await rowsOf(a));
  const before = await rowsOf(a);
  expect(JSON.stringify(before)).toContain('forty-two');

  // What a person does with a conversation arrives as well, each as OpenClaw does it itself.
  const tidy = 'agent:main:tidy';
  const rpc = (method: string, params: object): Promise<unknown> =>
    a.connection.request(method, params, 120_000);
  const same = async (what: string): Promise<readonly unknown[]> => {
    await inStep(forth, a, b);
    const [here, there] = [await rowsOf(a, tidy), await rowsOf(b, tidy)];
    expect(there, what).toEqual(here);
    return here;
  };
  for (const text of ['first', 'second', 'third']) await say(a, text, random.id(), tidy);
  await rpc('sessions.patch', { key: tidy, label: 'A title' });
  await same('three turns');
  expect(await settingsOf(b, tidy)).toMatchObject({ label: 'A title' });
  const second = (await rowsOf(a, tidy)).find(
    (row) => JSON.stringify(row).includes('"user"') && JSON.stringify(row).includes('second'),
  ) as { readonly id: string };
  await rpc('sessions.rewind', { sessionKey: tidy, entryId: second.id });
  await say(a, 'second, said better', random.id(), tidy);
  await same('a rewind');
  await rpc('sessions.compact', { key: tidy, maxLines: 2 });
  await same('a cut');
  await rpc('sessions.reset', { key: tidy });
  await say(a, 'after a reset', random.id(), tidy);
  await same('a reset');
  await rpc('sessions.delete', { key: tidy, deleteTranscript: true });
  await inStep(forth, a, b);
  expect(await rowsOf(b, tidy)).toEqual([]);

  // A picture is a file that its row names.
  const attachments = [
    { type: 'image', mimeType: 'image/png', fileName: 'dot.png', content: onePixel },
  ];
  await say(a, 'what is in the picture', random.id(), main, { attachments });
  await inStep(forth, a, b);
  const pictures = (name: string): readonly string[] =>
    readdirSync(join(folder, name, 'state', 'media', 'inbound'));
  expect(pictures('a')).not.toEqual([]);
  expect(pictures('b')).toEqual(pictures('a'));
  for (const picture of pictures('a')) {
    const [here, there] = ['a', 'b'].map((name) =>
      readFileSync(join(folder, name, 'state', 'media', 'inbound', picture), 'base64'),
    );
    expect(there).toBe(here);
  }

  // B takes over: its model is asked with all of it, as its own. A said something last that never arrived.
  forth.stop();
  await say(a, 'never arrived');
  await retire(a, 1);
  await activate(b, 2);
  await say(b, 'go on');
  const prompt = talkOf(b.model.conversation());
  expect(prompt.join('\n')).toContain('before there was a mirror');
  expect(prompt.filter((line) => line.startsWith('tool ')).join()).toContain('forty-two');
  expect(prompt.at(-1)).toContain('go on');
  expect(prompt.join()).not.toContain('never arrived');

  // A comes back as the standby: it gets what B said, and gives what only it had.
  const back = startMirror({
    active: b.journal,
    copy: a.journal,
    epoch: 2,
    clock,
    random,
    onChange: () => undefined,
  });
  onTestFinished(() => back.stop());
  await inStep(back, b, a);
  const byId = (rows: readonly unknown[]): readonly unknown[] =>
    rows.map((row) => JSON.stringify(row)).sort();
  expect(byId(await rowsOf(a))).toEqual(byId(await rowsOf(b)));
  expect(JSON.stringify(await rowsOf(b))).toContain('never arrived');
  const { branches } = (await b.connection.request(
    'sessions.branches.list',
    { sessionKey: main },
    10_000,
  )) as { readonly branches: readonly { readonly active: boolean }[] };
  expect(branches.map(({ active }) => active).sort()).toEqual([false, true]);
  await say(b, 'and on');
  const last = talkOf(b.model.conversation()).join();
  expect(last).toContain('go on');
  expect(last).not.toContain('never arrived');
}, 300_000);
