import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { delay, systemRandom } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import { installAgentTools } from '../../src/gateways/index.ts';
import { writeAgentTools } from '../../src/gateways/index.node.ts';
import { connectTo } from '../../src/ha/fence/testing/fenced-gateway.ts';
import { startScriptedModel } from '../../src/ha/fence/testing/scripted-model.ts';
import { freeGatewayPort } from '../../src/ha/testing/free-ports.ts';
import { configPathIn, gatewayProcess } from '../../src/ha/testing/gateway-process.ts';
import { gatewayConfig } from '../../src/ha/testing/real-gateway.ts';
import { buildAgentTools } from '../../src/trust/door/testing/built-tools.ts';
import { fakeDoor } from '../../src/trust/door/testing/fake-door.ts';
import { doorFolder, openAgentDoor } from '../../src/trust/index.node.ts';

const clock = systemClock();
const random = systemRandom();
const asking = { question: 'Is Friday free?', answer: { type: 'yes-no' }, purpose: 'a trip' };
/** OpenClaw shows its models tools of others by way of these two: it may search, and call what it found. */
const searching = { name: 'tool_search', arguments: { query: 'ask work a question' } };
const calling = { name: 'tool_call', arguments: { id: 'switchyard__ask_work', args: asking } };

function folderFor(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `swy-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('gives the agents of a real gateway tools that the app answers, and takes them away', async () => {
  const home = folderFor('door');
  const install = {
    node: process.execPath,
    program: await buildAgentTools(join(home, 'built')),
    folder: doorFolder(home),
    client: 'home',
    to: ['work'],
  };
  const door = fakeDoor();
  const opened = await openAgentDoor({
    home,
    door,
    onChange: door.onChange,
    clock,
    clients: [{ id: 'home', domain: 'personal' }],
    refused: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  onTestFinished(() => opened.value.close());

  const folder = folderFor('gateway');
  const model = await startScriptedModel();
  onTestFinished(() => model.stop());
  const port = await freeGatewayPort();
  const token = 'token-of-the-personal-gateway';
  const gateway = gatewayProcess(folder, port, { OPENCLAW_SKIP_CHANNELS: '1' });
  const config = JSON.stringify(gatewayConfig(port, token, model.port, join(folder, 'workspace')));
  writeFileSync(configPathIn(folder), installAgentTools(config, install));
  await gateway.start();
  onTestFinished(gateway.kill);
  const connection = connectTo({ url: `ws://127.0.0.1:${port}`, token });

  model.mode = 'tool-once';
  /** One turn, in a conversation of its own, in which the model calls a tool; gives what it got. */
  const turn = async (tool: { readonly name: string; readonly arguments: object }) => {
    const runId = random.id();
    const sessionKey = `agent:main:${runId}`;
    model.tool = tool;
    const message = { sessionKey, message: 'go', idempotencyKey: runId };
    await connection.request('chat.send', message, 60_000);
    await connection.request('agent.wait', { runId, timeoutMs: 60_000 }, 65_000);
    return JSON.stringify(model.conversation().filter(({ role }) => role === 'tool'));
  };
  /** Takes turns until the model finds our tools, or finds them no more. */
  const untilFound = async (isFound: boolean): Promise<string> => {
    const endMs = clock.bootMs() + 30_000;
    for (;;) {
      const found = await turn(searching);
      if (found.includes('switchyard__ask_work') === isFound) return found;
      if (clock.bootMs() > endMs) throw new Error(`the tools stayed as they were: ${found}`);
      await delay(clock, 200);
    }
  };

  await untilFound(true);
  door.answer = { status: 'answered', value: true, label: { sec: [], via: [] } };
  expect(await turn(calling)).toMatch(/\\"value\\": true/);
  expect(door.calls).toEqual([
    {
      caller: { id: 'home', domain: 'personal' },
      call: {
        action: 'ask_work',
        to: 'work',
        text: asking.question,
        purpose: asking.purpose,
        answer: asking.answer,
      },
    },
  ]);
  door.answer = { status: 'not-available' };
  expect(await turn(calling)).toMatch(/\\"status\\": \\"not-available\\"/);

  expect(writeAgentTools(configPathIn(folder), null)).toEqual({ ok: true, value: null });
  await untilFound(false);
  expect(writeAgentTools(configPathIn(folder), install)).toEqual({ ok: true, value: null });
  await untilFound(true);
}, 120_000);
