import { ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import type { AgentToolsInstall } from './agent-tools.ts';
import type { ManagedGateway } from './model.ts';
import type { FencePluginInstall } from './plugin-install.ts';
import type { HostedProcess, ProcessHost } from './ports.ts';
import {
  linuxStartMark,
  processStartMark,
  processStartMarkNow,
} from './process-start-mark.node.ts';
import { createNodeProcessHost, gatewayFolder } from './process.node.ts';
import { writeAgentTools } from './write-agent-tools.node.ts';

const token = 'a-token-of-some-length';
let home: string;
let host: ProcessHost;
let gateway: ManagedGateway;
let live: HostedProcess[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'switchyard-process-'));
  host = createNodeProcessHost({
    home,
    runtime: {
      node: process.execPath,
      openclaw: join(import.meta.dirname, 'testing', 'fake-openclaw.mjs'),
    },
  });
  gateway = {
    id: 'home',
    name: 'Home',
    domain: 'personal',
    kind: 'managed',
    port: await freePort(),
    model: null,
  };
  live = [];
  mkdirSync(gatewayFolder(home, 'home').root, { recursive: true });
});

afterEach(async () => {
  for (const running of live) running.signal('SIGKILL');
  await Promise.all(live.map((running) => running.exited));
  rmSync(home, { recursive: true });
});

test('it listens on the loopback, or with TLS where other computers reach it', async () => {
  const written = (): unknown =>
    JSON.parse(readFileSync(gatewayFolder(home, 'home').config, 'utf8'));
  await host.prepare(gateway);
  expect(written()).toMatchObject({ gateway: { bind: 'loopback' } });
  let address: string | null = '10.0.0.11';
  host = createNodeProcessHost({
    home,
    runtime: { node: process.execPath, openclaw: 'openclaw.mjs' },
    exposedAt: () => address,
  });
  await host.prepare(gateway);
  expect(written()).toMatchObject({
    gateway: { bind: 'custom', customBindHost: '10.0.0.11', tls: { enabled: true } },
  });
  address = null;
  await host.prepare(gateway);
  expect(written()).not.toMatchObject({ gateway: { tls: {} } });
});

test('a started gateway is live, in its own group, with its token in its environment only', async () => {
  const started = await start('serve');
  await until(() => host.isLive(gateway));
  const answer = (await (await fetch(`http://127.0.0.1:${gateway.port}/`)).json()) as {
    tokenLength: number;
    env: string[];
  };
  expect(answer.tokenLength).toBe(token.length);
  expect(answer.env).not.toContain('VITEST');
  const { config, logs } = gatewayFolder(home, 'home');
  expect(readFileSync(config, 'utf8')).not.toContain(token);
  expect(readFileSync(join(logs, 'gateway.log'), 'utf8')).toContain('argv ["gateway"]');
  if (platform() === 'linux') {
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(readFileSync(`/proc/${started.pid}/cmdline`, 'utf8')).not.toContain(token);
    expect(fieldsOfStat(started.pid)[2]).toBe(String(started.pid)); // leader of its own process group
  }
});

test('a later run finds the live process, watches its end and can end it', async () => {
  await start('serve');
  const laterHost = createNodeProcessHost({
    home,
    runtime: { node: process.execPath, openclaw: 'gone.mjs' },
  });
  const found = await laterHost.findRunning(gateway);
  expect(found?.current).toBe(true);
  expect((await laterHost.findRunning({ ...gateway, port: gateway.port + 1 }))?.current).toBe(
    false,
  );
  found?.process.signal('SIGTERM');
  await found?.process.exited;
  expect(await laterHost.findRunning(gateway)).toBe(null);
});

test('a gateway of a pair carries the fence, and is started anew when it comes or goes', async () => {
  let fence: FencePluginInstall | null = null;
  host = createNodeProcessHost({
    home,
    runtime: {
      node: process.execPath,
      openclaw: join(import.meta.dirname, 'testing', 'fake-openclaw.mjs'),
    },
    fencePlugin: (gatewayId) => (gatewayId === 'home' ? fence : null),
  });
  await start('serve');
  const { config } = gatewayFolder(home, 'home');
  const before = readFileSync(config, 'utf8');
  expect(before).not.toContain('plugins');
  fence = {
    pluginPath: '/app/gateway-plugin',
    config: { pair: 'home', gateway: 'home', mode: 'timed' },
  };
  expect((await host.findRunning(gateway))?.current).toBe(false);
  await host.prepare(gateway);
  expect(readFileSync(config, 'utf8')).toContain('/app/gateway-plugin');
  fence = null;
  expect((await host.findRunning(gateway))?.current).toBe(true);
  await host.prepare(gateway);
  expect(readFileSync(config, 'utf8')).toBe(before);
});

test('the tools of its agents come and go in the file, and it need not start anew', async () => {
  const install = { node: '/node', program: '/tools.js', folder: '/door', client: 'home' };
  let tools: AgentToolsInstall | null = null;
  host = createNodeProcessHost({
    home,
    runtime: {
      node: process.execPath,
      openclaw: join(import.meta.dirname, 'testing', 'fake-openclaw.mjs'),
    },
    agentTools: () => tools,
  });
  await start('serve');
  const { config } = gatewayFolder(home, 'home');
  const read = (): string => readFileSync(config, 'utf8');
  const before = read();
  tools = { ...install, to: ['work'] };
  expect((await host.findRunning(gateway))?.current).toBe(true);
  expect(writeAgentTools(config, tools)).toMatchObject({ ok: true });
  expect(read()).toContain('/tools.js');
  tools = { ...install, to: ['acme'] };
  await host.prepare(gateway);
  expect(read()).toContain('acme');
  expect(read()).not.toContain('work"');
  tools = null;
  await host.prepare(gateway);
  expect(read()).toBe(before);
  expect(writeAgentTools(join(home, 'none.json'), null)).toMatchObject({ ok: false });
});

test('a process is on record before anything else can happen', async () => {
  const { root, pidFile } = gatewayFolder(home, 'home');
  writeFileSync(join(root, 'behaviour'), 'serve');
  await host.prepare(gateway);
  const starting = host.start(gateway, token);
  const recorded = existsSync(pidFile);
  live.push(await starting);
  expect(recorded).toBe(true);
});

test('a process that cannot be put on record is not left behind', async () => {
  const { root, pidFile } = gatewayFolder(home, 'home');
  writeFileSync(join(root, 'behaviour'), 'serve');
  await host.prepare(gateway);
  mkdirSync(pidFile);
  const kills = vi.spyOn(ChildProcess.prototype, 'kill');
  onTestFinished(() => {
    kills.mockRestore();
  });
  expect(() => host.start(gateway, token)).toThrow('EISDIR');
  expect(kills).toHaveBeenCalledWith('SIGKILL');
});

test('ending an adopted process that ended on its own in that moment is no fault', async () => {
  await start('serve');
  const found = await host.findRunning(gateway);
  const faults: unknown[] = [];
  const note = (fault: unknown): void => void faults.push(fault);
  const killed = Promise.withResolvers<undefined>();
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    killed.resolve(undefined);
    throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
  });
  process.on('unhandledRejection', note);
  onTestFinished(() => {
    kill.mockRestore();
    process.off('unhandledRejection', note);
  });
  found?.process.signal('SIGTERM');
  await killed.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(faults).toEqual([]);
});

test('a process id that was given to another process is not adopted', async () => {
  const { root, pidFile } = gatewayFolder(home, 'home');
  mkdirSync(root, { recursive: true });
  writeFileSync(
    pidFile,
    JSON.stringify({ pid: process.pid, startMark: 'another time', configHash: '' }),
  );
  expect(await host.findRunning(gateway)).toBe(null);
});

test('an exit code is reported', async () => {
  const started = await start('exit 78');
  expect(await started.exited).toEqual({ code: 78, signal: null });
});

test('repair runs the doctor on the same configuration', async () => {
  await (
    await start('exit 0')
  ).exited;
  expect(await host.repair(gateway, token)).toBe(true);
  expect(readFileSync(host.logPath('home'), 'utf8')).toContain(
    'argv ["doctor","--fix","--yes","--non-interactive"]',
  );
});

test('a taken port is not free', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(gateway.port, '127.0.0.1', resolve));
  expect(await host.portIsFree(gateway.port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await host.portIsFree(gateway.port)).toBe(true);
});

test('a runtime that is not there is named', () => {
  expect(
    createNodeProcessHost({ home, runtime: { node: null, openclaw: null } }).missingRuntime(),
  ).toContain('Node 24');
  expect(
    createNodeProcessHost({
      home,
      runtime: { node: process.execPath, openclaw: '/nowhere/openclaw.mjs' },
    }).missingRuntime(),
  ).toContain('OpenClaw');
  expect(host.missingRuntime()).toBe(null);
});

test('the start mark of a process is stable, and a zombie has none', async () => {
  expect(await processStartMark(process.pid)).toBe(await processStartMark(process.pid));
  expect(processStartMarkNow(process.pid)).toBe(await processStartMark(process.pid));
  const stat = `12 (a (strange) name) S 1 ${Array.from({ length: 17 }, (_, index) => index).join(' ')} 4242 rest`;
  expect(linuxStartMark(stat)).toBe('4242');
  expect(linuxStartMark(stat.replace(') S', ') Z'))).toBe(null);
});

async function start(behaviour: string): Promise<HostedProcess> {
  writeFileSync(join(gatewayFolder(home, 'home').root, 'behaviour'), behaviour);
  await host.prepare(gateway);
  const started = await host.start(gateway, token);
  live.push(started);
  return started;
}

function fieldsOfStat(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a fence that is taken out stays out: the copies that OpenClaw would bring back go with it', async () => {
  const { config } = gatewayFolder(home, 'home');
  const copies = [`${config}.bak`, `${config}.last-good`];
  let fence: FencePluginInstall | null = {
    pluginPath: '/app/gateway-plugin',
    config: { pair: 'house', gateway: 'home', mode: 'timed' },
  };
  const paired = createNodeProcessHost({
    home,
    runtime: { node: null, openclaw: null },
    fencePlugin: () => fence,
  });
  await paired.prepare(gateway);
  for (const copy of copies) writeFileSync(copy, 'a copy');
  await paired.prepare(gateway);
  expect(copies.map((copy) => existsSync(copy))).toEqual([true, true]);
  fence = null;
  await paired.prepare(gateway);
  expect(copies.map((copy) => existsSync(copy))).toEqual([false, false]);
  expect(readFileSync(config, 'utf8')).not.toContain('fence');
});

test('what a person set in a gateway’s configuration stays, and what we decide is ours', async () => {
  let fence: FencePluginInstall | null = {
    pluginPath: '/app/out/gateway-plugin',
    config: { pair: 'house', gateway: 'home', mode: 'timed' },
  };
  let rests = false;
  const kept = createNodeProcessHost({
    home,
    runtime: { node: null, openclaw: null },
    fencePlugin: () => fence,
    rests: () => rests,
  });
  const { config } = gatewayFolder(home, 'home');
  const read = (): Record<string, object> =>
    JSON.parse(readFileSync(config, 'utf8')) as Record<string, object>;
  await kept.prepare(gateway);
  const channels = { telegram: { enabled: true, botToken: 'theirs' } };
  const theirs = {
    channels,
    plugins: { ...read()['plugins'], allow: ['telegram', 'switchyard-fence'] },
    agents: { list: [{ id: 'main' }], defaults: { timeoutSeconds: 9, workspace: '/elsewhere' } },
    gateway: { port: 1 },
    cron: { maxConcurrentRuns: 2 },
  };
  writeFileSync(config, JSON.stringify({ ...read(), ...theirs }));
  rests = true;
  await kept.prepare(gateway);
  expect(read()).toMatchObject({
    channels,
    plugins: { allow: ['telegram', 'switchyard-fence'], load: { paths: [fence.pluginPath] } },
    agents: { list: [{ id: 'main' }], defaults: { timeoutSeconds: 9 } },
    gateway: { port: gateway.port },
    cron: { maxConcurrentRuns: 2, enabled: false },
  });
  expect(readFileSync(config, 'utf8')).not.toContain('/elsewhere');
  rests = false;
  fence = null;
  await kept.prepare(gateway);
  expect(read()['cron']).toEqual({ maxConcurrentRuns: 2 });
  expect(read()['plugins']).toEqual({ allow: ['telegram'] });
});

test('a configuration that cannot be read is put aside, not overwritten', async () => {
  const { config } = gatewayFolder(home, 'home');
  const plain = createNodeProcessHost({ home, runtime: { node: null, openclaw: null } });
  await plain.prepare(gateway);
  writeFileSync(config, '{ // a comment\n}');
  await plain.prepare(gateway);
  expect(readFileSync(`${config}.unread`, 'utf8')).toContain('a comment');
  expect(JSON.parse(readFileSync(config, 'utf8'))).toMatchObject({ gateway: { mode: 'local' } });
});

test('one that rests runs no jobs', async () => {
  const resting = createNodeProcessHost({
    home,
    runtime: { node: null, openclaw: null },
    rests: (gatewayId) => gatewayId === 'home',
  });
  await resting.prepare(gateway);
  const { config } = gatewayFolder(home, 'home');
  expect(JSON.parse(readFileSync(config, 'utf8'))).toMatchObject({ cron: { enabled: false } });
});
