import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { systemClock } from '../../base/index.node.ts';
import { delay, systemRandom } from '../../base/index.ts';
import type { WorkspaceView } from '../../shared/index.ts';
import { callPlugin } from '../fence/plugin-link.node.ts';
import { buildFencePlugin, startFencedGateway } from '../fence/testing/fenced-gateway.ts';
import type { FencedGateway } from '../fence/testing/fenced-gateway.ts';
import { startScriptedModel } from '../fence/testing/scripted-model.ts';
import type { ScriptedModel } from '../fence/testing/scripted-model.ts';
import { openHeldConnection } from '../health/held-connection.node.ts';
import type { HeldConnection } from '../health/held-connection.node.ts';
import type { WorkspacePort } from '../ports.ts';
import { variable } from '../testing/gateway-process.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { pluginWorkspace } from './plugin-workspace.node.ts';
import type { Workspace } from './ports.ts';
import { openWorkspacePort } from './workspace-port.ts';

const clock = systemClock();
const random = systemRandom();
const secret = `sk-proj-7fG2kQ9xLm4Wd8Rz1Ty6`;

interface Side {
  readonly folder: string;
  readonly model: ScriptedModel;
  readonly connection: HeldConnection;
  readonly workspace: Workspace;
  put(path: string, text: string): void;
  text(path: string): string | null;
}

function connect(gateway: FencedGateway): HeldConnection {
  const connection = openHeldConnection({
    member: { id: 'a', name: 'A', url: gateway.url, token: { app: true } },
    token: async () => gateway.token,
    identity: async () => null,
    onReset: () => undefined,
    clock,
  });
  onTestFinished(() => connection.close());
  return connection;
}

async function startSide(base: string, name: string, plugin: string): Promise<Side> {
  const folder = join(base, name);
  const model = await startScriptedModel();
  onTestFinished(() => model.stop());
  const config = { pair: 'home', gateway: name, mode: 'timed' } as const;
  const gateway = await startFencedGateway(folder, plugin, config, model);
  onTestFinished(() => gateway.stop());
  const place = (path: string): string => join(folder, 'workspace', path);
  return {
    folder,
    model,
    connection: connect(gateway),
    workspace: pluginWorkspace(connect(gateway)),
    put: (path, text) => {
      mkdirSync(dirname(place(path)), { recursive: true });
      writeFileSync(place(path), text);
    },
    text: (path) => (existsSync(place(path)) ? readFileSync(place(path), 'utf8') : null),
  };
}

async function activate({ connection }: Side, epoch: number): Promise<void> {
  const lease = { pair: 'home', epoch, seq: epoch * 10, untilMs: clock.bootMs() + 100_000 };
  await callPlugin(connection, 'switchyard.grant', lease, 10_000);
}

async function retire({ connection }: Side, epoch: number): Promise<void> {
  await callPlugin(connection, 'switchyard.fence', { pair: 'home', seq: epoch * 10 + 5 }, 10_000);
}

async function until(port: WorkspacePort, happened: () => boolean): Promise<WorkspaceView> {
  const endMs = clock.bootMs() + 30_000;
  for (;;) {
    const view = port.view();
    if (view?.state === 'in-step' && happened()) return view;
    if (clock.bootMs() > endMs) throw new Error(`it does not come: ${JSON.stringify(view)}`);
    await delay(clock, 50);
  }
}

it('keeps the workspaces of two real gateways in step, and their secrets apart', async () => {
  const base = temporaryFolder();
  const plugin = buildFencePlugin(base);
  const [a, b] = await Promise.all([startSide(base, 'a', plugin), startSide(base, 'b', plugin)]);
  const saved = { agentId: 'main', provider: 'openai', apiKey: secret };
  await a.connection.request('models.authSetApiKey', saved, 60_000);
  const templates = join(dirname(variable('SWITCHYARD_OPENCLAW')), 'docs/reference/templates');
  const template = readFileSync(join(templates, 'BOOTSTRAP.md'), 'utf8');
  b.put('BOOTSTRAP.md', template.replace(/^---\n[\s\S]*?\n---\s*/u, ''));
  a.put('MEMORY.md', 'The cat is called Schnurri.\n');
  a.put('skills/cook/SKILL.md', '---\nname: cook\ndescription: soup\n---\n');
  a.put('.env', `OPENAI_API_KEY=${secret}\n`);
  a.put('memory/2026-11-22.md', `the key is ${secret}\n`);
  await activate(a, 1);

  const port = openWorkspacePort({
    config: { kind: 'sync' },
    workspace: (id) => (id === 'a' ? a : b).workspace,
    otherOf: (id) => (id === 'a' ? 'b' : 'a'),
    clock,
    random,
    onChange: () => undefined,
  });
  if (port === null) throw new Error('nothing is kept in step');
  onTestFinished(() => port.follow(null));
  port.follow({ gatewayId: 'a', epoch: 1 });
  const view = await until(port, () => b.text('MEMORY.md') !== null);
  expect(b.text('MEMORY.md')).toBe('The cat is called Schnurri.\n');
  expect(b.text('skills/cook/SKILL.md')).toContain('soup');
  // The first-run ritual of a fresh standby would begin at a takeover.
  expect(b.text('BOOTSTRAP.md')).toBeNull();
  expect(a.text('BOOTSTRAP.md')).toBeNull();

  // Secrets stay where they are and are named; of credentials only the names are told.
  expect(view.notCopied.map(({ gatewayId, path }) => `${gatewayId} ${path}`).sort()).toEqual([
    'a main/.env',
    'a main/memory/2026-11-22.md',
  ]);
  expect(view.lacking).toEqual([
    { gatewayId: 'b', agent: 'main', provider: 'openai', profile: 'openai:manual' },
  ]);
  expect(JSON.stringify(view)).not.toContain(secret);
  expect(readdirSync(join(b.folder, 'workspace'), { recursive: true }).sort()).toEqual([
    'MEMORY.md',
    'skills',
    'skills/cook',
    'skills/cook/SKILL.md',
  ]);

  // Changes of either side, while it goes on.
  a.put('MEMORY.md', 'The cat is called Schnurri. She is grey.\n');
  await until(port, () => b.text('MEMORY.md')?.includes('grey') === true);
  b.put('USER.md', 'Likes tea.\n');
  await until(port, () => a.text('USER.md') === 'Likes tea.\n');

  // Both change apart from each other; then B takes over, and its model is told what A remembered.
  port.follow(null);
  a.put('MEMORY.md', 'The cat is called Schnurri. She is grey. A adds this.\n');
  b.put('MEMORY.md', 'The cat is called Schnurri. She is grey. B adds this.\n');
  await retire(a, 1);
  await activate(b, 2);
  port.follow({ gatewayId: 'b', epoch: 2 });
  const { conflicts } = await until(port, () => a.text('MEMORY.md') === b.text('MEMORY.md'));
  expect(conflicts).toHaveLength(1);
  const kept = conflicts[0]?.replace('main/', '') ?? '';
  expect(kept).toMatch(/^MEMORY\.conflict-a-\d{4}-\d\d-\d\d\.md$/u);
  for (const side of [a, b]) {
    expect(side.text('MEMORY.md')).toContain('B adds this');
    expect(side.text(kept)).toContain('A adds this');
  }
  const runId = random.id();
  const sent = {
    sessionKey: 'agent:main:main',
    message: 'what is her name',
    idempotencyKey: runId,
  };
  await b.connection.request('chat.send', sent, 60_000);
  await b.connection.request('agent.wait', { runId, timeoutMs: 60_000 }, 65_000);
  expect(JSON.stringify(b.model.conversation())).toContain('The cat is called Schnurri');

  // Who speaks for the pair’s past is refused.
  const late = await a.workspace.remove({ path: 'main/USER.md', on: '0'.repeat(64), epoch: 1 });
  expect(late).toEqual({ ok: true, value: { kind: 'refused', reason: 'old-epoch' } });
}, 200_000);
