import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { createLogger, ok, systemRandom } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import { createOutbox, createPaneChat } from '../../src/chat/index.ts';
import type { ChatGateway } from '../../src/chat/index.ts';
import { testConnection } from '../../src/gateways/testing/test-connection.node.ts';
import { freeGatewayPort } from '../../src/ha/testing/free-ports.ts';
import { memoryDatabase } from '../../src/store/testing/memory-stores.ts';
import { startEchoModel } from './echo-model.ts';
import { runtimeFromEnvironment, startRealGateway } from './real-gateway.ts';

const main = 'agent:main:main';
const clock = systemClock();
const logger = createLogger('test', () => 0, []);

/** A real gateway that our plugin is not in, with a model whose prompts can be read. */
async function startBareGateway() {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-second-'));
  const model = await startEchoModel();
  const gateway = await startRealGateway({
    home,
    runtime: runtimeFromEnvironment(),
    gateway: {
      id: 'bare',
      name: 'Bare',
      domain: 'personal',
      kind: 'managed',
      port: await freeGatewayPort(),
      model: { provider: 'echo', baseUrl: `${model.url}/v1`, id: 'echo' },
    },
  });
  const { connection, reaches } = testConnection(gateway);
  onTestFinished(async () => {
    connection.stop();
    await gateway.stop();
    await model.stop();
    rmSync(home, { recursive: true, force: true });
  });
  await gateway.live;
  connection.start();
  await reaches('ready');
  const chat: ChatGateway = {
    id: 'bare',
    isReady: () => connection.state().phase === 'ready',
    request: (method, params, options) => connection.request(method, params, options),
  };
  return { model, chat };
}

/** The one that died: it had a conversation of 200 messages, the facts among the newest. */
function formerGateway(): ChatGateway {
  const rows = Array.from({ length: 200 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: index === 190 ? 'My cat is called Ada.' : `${index} ${'long '.repeat(150)}`,
    timestamp: 1_000 + index,
    __openclaw: { id: `row-${index}` },
  }));
  return {
    id: 'former',
    isReady: () => true,
    request: (method) => Promise.resolve(ok(method === 'chat.history' ? { messages: rows } : {})),
  };
}

test('a real gateway without the plugin is told what it lacks, once, and its transcript stays clean', async () => {
  const { model, chat: bare } = await startBareGateway();
  const random = systemRandom();
  const database = memoryDatabase();
  let active = formerGateway();
  const pane = createPaneChat({
    paneId: 'home',
    active: () => active,
    sessions: database.sessions,
    changed: () => undefined,
    reason: () => null,
    runEnded: () => undefined,
    newId: () => random.id(),
    clock,
    logger,
  });
  const outbox = createOutbox({
    store: database.outbox,
    active: () => active,
    inherits: () => false,
    memory: (item, gateway, open) => pane.memoryFor(item, gateway, open),
    permit: () => ok(null),
    changed: (item, removed) => {
      pane[removed ? 'putAway' : 'sent'](item);
    },
    newId: () => random.id(),
    clock,
    logger,
  });
  await pane.refresh();
  active = bare;
  pane.moved();

  const say = async (text: string): Promise<string> => {
    const taken = outbox.add({
      paneId: 'home',
      domain: 'personal',
      sessionKey: main,
      text,
      because: { code: 'bound', name: 'Home' },
    });
    if (!taken.ok) throw new Error(taken.error.message);
    const { id } = taken.value;
    await outbox.wake('home');
    // It is in good hands from the receipt on, also before its row is there.
    await outbox.reconnected('home');
    expect(outbox.open().map((item) => item.state)).toEqual(['acknowledged']);
    const wait = { runId: id, timeoutMs: 60_000 };
    const ended = await bare.request('agent.wait', wait, { timeoutMs: 65_000 });
    expect(ended).toMatchObject({ value: { status: 'ok' } });
    await outbox.reconnected('home');
    expect(outbox.open()).toEqual([]);
    return model.requests.find((request) => request.text === text)?.prompt ?? '';
  };

  const first = await say('What is my cat called?');
  expect(first).toContain('My cat is called Ada.');
  expect(pane.state().told).toBeGreaterThan(9);
  const second = await say('And now?');
  expect(second).not.toContain('My cat is called Ada.');
  expect(model.requests).toHaveLength(2);

  const history = await bare.request('chat.history', { sessionKey: main, limit: 50 });
  const { messages } = (history.ok ? history.value : {}) as {
    readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  };
  expect(messages.filter(({ role }) => role === 'user').map(({ content }) => content)).toEqual([
    'What is my cat called?',
    'And now?',
  ]);
  expect(JSON.stringify(messages)).not.toContain('Ada');
}, 200_000);
