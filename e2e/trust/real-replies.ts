/**
 * The same carriers by answers of the real work gateway: someone at work who may do everything there writes, titles, attaches,
 * asks; the gateway and its model make of it what they make of it.
 *
 * Invariants
 * 1. What the gateway refuses is counted; a carrier of which it took nothing was not carried.
 * 2. No text is ever a command for a tool that does something: the model calls `read`, with the text as the path.
 */
import { randomUUID } from 'node:crypto';

import { createLogger, systemRandom } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import { createConnection, type GatewayConnection } from '../../src/gateways/index.ts';
import { createDeviceIdentity, createNodeWire } from '../../src/gateways/index.node.ts';
import { memoryVault } from '../../src/gateways/testing/memory-vault.ts';
import type { Attack, GroupResult } from './attack.ts';
import type { AttackWorld } from './attack-world.ts';
import { until } from './attacked-app.ts';
import type { Carrier } from './carriers.ts';
import type { AttackRow } from './corpus.ts';

const turnMs = 20_000;
/** What gateways take as a label. */
const labelLength = 60;
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Carries rows by real answers. Rejects when the gateway took none of them. */
export async function carryReally(
  world: AttackWorld,
  attack: Attack,
  carrier: Carrier,
  rows: readonly AttackRow[],
): Promise<GroupResult> {
  const connection = await connectToWork(world);
  const sessionKey = `agent:main:real-${randomUUID().slice(0, 8)}`;
  const texts = rows.flatMap((row) => row.texts.slice(0, 1));
  let taken = 0;
  let refused = '';
  const ask = async (method: string, params: object): Promise<boolean> => {
    const reply = await connection.request(method, params, { timeoutMs: turnMs });
    if (!reply.ok) refused = `${method}: ${reply.error.code} ${reply.error.message}`;
    return reply.ok;
  };
  const say = async (message: string, more: object = {}): Promise<boolean> => {
    const idempotencyKey = randomUUID();
    const isTaken = await ask('chat.send', {
      sessionKey,
      message: bounded(message),
      idempotencyKey,
      suppressCommandInterpretation: true,
      ...more,
    });
    return isTaken && ask('agent.wait', { runId: idempotencyKey, timeoutMs: turnMs });
  };
  try {
    await attack.select(sessionKey);
    await say('hello'); // so that there is a session
    for (const [index, text] of texts.entries())
      if (await sayBy(carrier.name, text, index)) taken += 1;
    const end = randomUUID();
    if (carrier.name === 'snapshot') {
      await say(end);
      await attack.select(`${sessionKey}-other`);
      await attack.select(sessionKey);
    } else await say(end);
    await attack.drawn(`Echo: ${end}`);
  } finally {
    world.model.behave({ kind: 'normal' }, 'work');
    world.front.refuseWith(null);
    connection.stop();
  }
  if (taken === 0 && texts.length > 0) throw new Error(`the work gateway took nothing: ${refused}`);
  return {
    carrier: carrier.name,
    rows: rows.map(({ id }) => id),
    texts: taken,
    ...(await attack.look()),
  };

  async function sayBy(name: string, text: string, index: number): Promise<boolean> {
    switch (name) {
      case 'title':
        return ask('chat.inject', {
          sessionKey,
          message: bounded(`# ${text}`),
          label: text.slice(0, labelLength),
        });
      case 'session title': {
        const key = `${sessionKey}-${index}`;
        await ask('chat.send', { sessionKey: key, message: 'hello', idempotencyKey: randomUUID() });
        return ask('sessions.patch', { key, label: `${index} ${text.slice(0, labelLength)}` });
      }
      case 'file name':
        return say('look at this', { attachments: [image(text, onePixel)] });
      case 'attachment':
        return say('look at that', {
          attachments: [
            {
              type: 'file',
              mimeType: 'text/html',
              fileName: `page-${index}.html`,
              content: Buffer.from(text).toString('base64'),
            },
          ],
        });
      case 'error': {
        world.front.refuseWith(text);
        const isTaken = await say('fail, please');
        world.front.refuseWith(null);
        return isTaken;
      }
      case 'approval text':
        return ask('exec.approval.request', {
          id: randomUUID(),
          command: text.slice(0, 2_000),
          commandArgv: ['true'],
          host: 'gateway',
          sessionKey,
          timeoutMs: 1_000,
          twoPhase: true,
        });
      case 'tool event': {
        world.model.behave({ kind: 'tool', name: 'read', arguments: { path: text } }, 'work');
        const isTaken = await say('read that');
        world.model.behave({ kind: 'normal' }, 'work');
        return isTaken;
      }
      case 'link':
        return say(
          `[${text}](https://attack.example/) <https://attack.example/> ![${text}](https://attack.example/i.png)`,
        );
      case 'notification':
        return ask('wake', { mode: 'now', text: bounded(text), sessionKey });
      default:
        return say(text);
    }
  }
}

async function connectToWork(world: AttackWorld): Promise<GatewayConnection> {
  const clock = systemClock();
  const vault = memoryVault();
  const identity = createDeviceIdentity(vault, 'colleague');
  const connection = createConnection({
    gatewayId: 'colleague',
    url: world.work.url,
    credential: () => Promise.resolve(world.work.token),
    deviceKey: () => identity.key(),
    deviceToken: identity.tokens,
    scopes: ['operator.read', 'operator.write', 'operator.admin', 'operator.approvals'],
    capabilities: [],
    clientVersion: '0.0.0-test',
    clock,
    random: systemRandom(),
    logger: createLogger('colleague', () => clock.wallMs(), []),
    tlsFingerprint: () => Promise.resolve(null),
    createWire: createNodeWire,
  });
  connection.start();
  await until('the colleague’s connection', () =>
    Promise.resolve(connection.state().phase === 'ready' ? true : undefined),
  );
  return connection;
}

function image(fileName: string, content: string): object {
  return { type: 'image', mimeType: 'image/png', fileName, content };
}

function bounded(text: string): string {
  return text.slice(0, 20_000);
}
