import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createServer } from 'node:net';
import { join, sep } from 'node:path';

import { z } from 'zod';

import { installAgentTools, removeAgentTools, type AgentToolsInstall } from './agent-tools.ts';
import type { ManagedGateway } from './model.ts';
import {
  gatewayEnvironment,
  keepingOwn,
  openClawConfig,
  type GatewayFolder,
} from './openclaw-config.ts';
import { fencePluginId, installFencePlugin, type FencePluginInstall } from './plugin-install.ts';
import type { HostedProcess, ProcessExit, ProcessHost } from './ports.ts';
import { processStartMark, processStartMarkNow } from './process-start-mark.node.ts';

/** What gateways are run with: a real Node (never Electron's) and the installed `openclaw` package's entry. */
export interface GatewayRuntime {
  readonly node: string | null;
  readonly openclaw: string | null;
}

export interface ProcessHostOptions {
  readonly runtime: GatewayRuntime;
  /** The profile folder; gateways live in `<home>/gateways/<id>`. */
  readonly home: string;
  /**
   * The fence that a gateway of a pair carries, with the person's consent; null: none. Asked at each start; a gateway that
   * runs without what it says now is started anew when it is next adopted.
   */
  readonly fencePlugin?: (gatewayId: string) => FencePluginInstall | null;
  /** The address of this computer at which others reach the gateway, with TLS; null: none do. Asked as `fencePlugin`. */
  readonly exposedAt?: (gatewayId: string) => string | null;
  /** Whether its jobs and channels stay off. Asked as `fencePlugin`. */
  readonly rests?: (gatewayId: string) => boolean;
  /** By what its agents reach other domains, with the person's consent; null: by nothing. Needs no start (`writeAgentTools`). */
  readonly agentTools?: (gatewayId: string) => AgentToolsInstall | null;
}

const logRotateBytes = 5_000_000;
const adoptedPollMs = 500;
const livenessTimeoutMs = 2_000;

const pidRecord = z.object({
  pid: z.int().positive(),
  startMark: z.string(),
  configHash: z.string(),
});

/** The machine as the supervisor sees it. */
export function createNodeProcessHost(options: ProcessHostOptions): ProcessHost {
  const { node, openclaw } = options.runtime;
  const folderOf = (gatewayId: string): GatewayFolder => gatewayFolder(options.home, gatewayId);
  /** `before`: what is in the file now; null: what we decide alone, which is what makes a running gateway outdated. */
  const configOf = (
    gateway: ManagedGateway,
    folder: GatewayFolder,
    before: string | null = null,
  ): string => {
    const ours = openClawConfig(
      gateway,
      folder,
      sep,
      options.exposedAt?.(gateway.id) ?? null,
      options.rests?.(gateway.id) ?? false,
    );
    const fence = options.fencePlugin?.(gateway.id) ?? null;
    const config = before === null ? ours : keepingOwn(ours, before, fence?.pluginPath ?? null);
    return fence === null ? config : installFencePlugin(config, fence);
  };

  function run(gateway: ManagedGateway, token: string, args: readonly string[]): ChildProcess {
    if (node === null || openclaw === null) throw new Error('no gateway runtime');
    const folder = folderOf(gateway.id);
    const log = openLog(folder);
    try {
      // Detached with its output in a file: it outlives this process and never blocks on a pipe nobody reads.
      return spawn(node, [openclaw, ...args], {
        cwd: folder.root,
        env: gatewayEnvironment(process.env, folder, token, options.rests?.(gateway.id) ?? false),
        stdio: ['ignore', log, log],
        detached: true,
        windowsHide: true,
      });
    } finally {
      closeSync(log);
    }
  }

  return {
    missingRuntime: () => {
      if (node === null || !existsSync(node)) return 'Node 24 is missing; run “npm run setup”.';
      if (openclaw === null || !existsSync(openclaw))
        return 'OpenClaw is missing; run “npm run setup”.';
      return null;
    },

    prepare: async (gateway) => {
      const folder = folderOf(gateway.id);
      for (const path of [
        folder.root,
        folder.state,
        folder.temporary,
        folder.workspace,
        folder.logs,
      ]) {
        mkdirSync(path, { recursive: true, mode: 0o700 });
      }
      const before = await readFile(folder.config, 'utf8').catch(() => null);
      const own = before !== null && isJson(before) ? before : null;
      // Nothing that a person wrote is lost, even where we cannot read it.
      if (before !== null && own === null) await rename(folder.config, `${folder.config}.unread`);
      const plain = configOf(gateway, folder, own);
      const tools = options.agentTools?.(gateway.id) ?? null;
      const config = tools === null ? removeAgentTools(plain) : installAgentTools(plain, tools);
      // OpenClaw marked the file when the guardian changed it. One without the mark it takes for damaged, and at its start it
      // brings the copy back that it made before: then the fence would be in again, with nobody who could open it.
      if (before?.includes(fencePluginId) === true && !config.includes(fencePluginId))
        for (const copy of ['.bak', '.last-good'])
          await rm(`${folder.config}${copy}`, { force: true });
      await writeFile(folder.config, config, { mode: 0o600 });
      await chmod(folder.config, 0o600); // the mode above counts for new files only
    },

    findRunning: async (gateway) => {
      const folder = folderOf(gateway.id);
      const record = await readPidFile(folder);
      if (record === null || (await processStartMark(record.pid)) !== record.startMark) return null;
      return {
        process: adopt(record.pid, record.startMark),
        current: record.configHash === hashOf(configOf(gateway, folder)),
      };
    },

    portIsFree: (port) =>
      new Promise((resolve) => {
        const server = createServer();
        server.once('error', () => {
          resolve(false);
        });
        server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
          server.close(() => {
            resolve(true);
          });
        });
      }),

    start: (gateway, token) => {
      const folder = folderOf(gateway.id);
      const hash = hashOf(configOf(gateway, folder));
      const child = run(gateway, token, ['gateway']);
      const exited = exitOf(child);
      if (child.pid === undefined)
        return Promise.resolve({ pid: 0, exited, signal: () => undefined });
      // In the same turn as the spawn: a process without its record holds its port and is never adopted.
      const startMark = processStartMarkNow(child.pid);
      if (startMark !== null) {
        const record = { pid: child.pid, startMark, configHash: hash };
        try {
          writeFileSync(folder.pidFile, JSON.stringify(record), { mode: 0o600 });
        } catch (error) {
          child.kill('SIGKILL');
          throw error;
        }
      }
      child.unref();
      return Promise.resolve({ pid: child.pid, exited, signal: (name) => child.kill(name) });
    },

    repair: async (gateway, token) => {
      const exit = await exitOf(
        run(gateway, token, ['doctor', '--fix', '--yes', '--non-interactive']),
      );
      return exit.code === 0;
    },

    isLive: (gateway) => isLive(gateway.port, (options.exposedAt?.(gateway.id) ?? null) !== null),

    logPath: (gatewayId) => logFile(folderOf(gatewayId)),
  };
}

/** Whoever answers is asked for nothing secret, so that its certificate is not looked at. */
function isLive(port: number, tls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const settings = {
      host: '127.0.0.1',
      port,
      path: '/healthz',
      agent: false,
      rejectUnauthorized: false,
    };
    const take = (response: IncomingMessage): void => {
      response.resume();
      settle(response.statusCode === 200);
    };
    const asked = tls ? requestHttps(settings, take) : requestHttp(settings, take);
    const timer = setTimeout(() => settle(false), livenessTimeoutMs);
    const settle = (live: boolean): void => {
      clearTimeout(timer);
      resolve(live);
      asked.destroy();
    };
    asked.on('error', () => settle(false));
    asked.end();
  });
}

/** The folder of a managed gateway in a profile. */
export function gatewayFolder(home: string, gatewayId: string): GatewayFolder {
  const root = join(home, 'gateways', gatewayId);
  return {
    root,
    config: join(root, 'openclaw.json'),
    state: join(root, 'state'),
    temporary: join(root, 'tmp'),
    workspace: join(root, 'workspace'),
    logs: join(root, 'log'),
    certificate: join(root, 'state', 'gateway', 'tls', 'gateway-cert.pem'),
    pidFile: join(root, 'process.json'),
  };
}

function logFile(folder: GatewayFolder): string {
  return join(folder.logs, 'gateway.log');
}

function openLog(folder: GatewayFolder): number {
  const path = logFile(folder);
  if (existsSync(path) && statSync(path).size > logRotateBytes) renameSync(path, `${path}.old`);
  return openSync(path, 'a', 0o600);
}

function hashOf(config: string): string {
  return createHash('sha256').update(config).digest('hex');
}

async function readPidFile(folder: GatewayFolder): Promise<z.infer<typeof pidRecord> | null> {
  try {
    return pidRecord.parse(JSON.parse(await readFile(folder.pidFile, 'utf8')));
  } catch {
    return null; // none, or not ours: then nothing is adopted, and the port check tells if something runs
  }
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
    child.once('error', (error) => {
      resolve({ code: null, signal: error.message });
    });
  });
}

/** A process that is nobody's child any more: watched by looking, ended by its id while its start mark proves that it is still the same. */
function adopt(pid: number, startMark: string): HostedProcess {
  const exited = new Promise<ProcessExit>((resolve) => {
    const timer = setInterval(() => {
      void processStartMark(pid).then((mark) => {
        if (mark === startMark) return;
        clearInterval(timer);
        resolve({ code: null, signal: null });
      });
    }, adoptedPollMs);
    timer.unref();
  });
  return {
    pid,
    exited,
    signal: (name) => {
      void processStartMark(pid).then((mark) => {
        if (mark !== startMark) return;
        try {
          process.kill(pid, name);
        } catch {
          // It ended since its mark was read; `exited` tells.
        }
      });
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
