import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { delay } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';

export interface RealGateway {
  readonly url: string;
  readonly token: string;
  readonly process: ChildProcess;
  readonly model: EchoModel;
  stop(): Promise<void>;
}

export interface EchoModel {
  readonly port: number;
  /** What the model does with the next prompts. */
  mode: 'echo' | 'other-words' | 'silence' | 'hang';
}

const clock = systemClock();

/** Starts one real OpenClaw gateway with a model of our own; resolves when it is live. */
export async function startRealGateway(folder: string): Promise<RealGateway> {
  const node = variable('SWITCHYARD_NODE');
  const openclaw = variable('SWITCHYARD_OPENCLAW');
  const { model, server } = await startEchoModel();
  const port = 29_000 + Math.floor(Math.random() * 1_000);
  const token = 'token-of-the-real-gateway';
  const state = join(folder, 'state');
  const temporary = join(folder, 'tmp');
  for (const made of [state, temporary, join(folder, 'workspace')])
    mkdirSync(made, { mode: 0o700 });
  const configPath = join(folder, 'openclaw.json');
  writeFileSync(
    configPath,
    JSON.stringify(gatewayConfig(port, token, model.port, join(folder, 'workspace'))),
  );
  const child = spawn(node, [openclaw, 'gateway'], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TMPDIR: temporary,
      OPENCLAW_CONFIG_PATH: configPath,
      OPENCLAW_STATE_DIR: state,
      OPENCLAW_NO_RESPAWN: '1',
      OPENCLAW_DISABLE_BONJOUR: '1',
      OPENCLAW_SKIP_CHANNELS: '1',
      OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
    },
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  while (child.exitCode === null) {
    const live = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (live) return { url: `ws://127.0.0.1:${port}`, token, process: child, model, stop };
    await delay(clock, 100);
  }
  throw new Error(`the real gateway ended while starting, with exit code ${child.exitCode}`);
}

/** The configuration of a gateway on loopback whose model is ours. */
export function gatewayConfig(
  port: number,
  token: string,
  modelPort: number,
  workspace: string,
): object {
  const echo = { id: 'echo', name: 'Echo', contextWindow: 128_000, maxTokens: 4_096 };
  return {
    gateway: { mode: 'local', port, bind: 'loopback', auth: { mode: 'token', token } },
    models: {
      providers: {
        echo: {
          baseUrl: `http://127.0.0.1:${modelPort}/v1`,
          apiKey: 'none',
          api: 'openai-completions',
          models: [echo],
        },
      },
    },
    agents: { defaults: { model: { primary: 'echo/echo' }, skipBootstrap: true, workspace } },
  };
}

async function startEchoModel(): Promise<{ readonly model: EchoModel; readonly server: Server }> {
  const model: { port: number; mode: EchoModel['mode'] } = { port: 0, mode: 'echo' };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      if (model.mode === 'hang') return;
      const { messages } = JSON.parse(body) as {
        readonly messages: readonly { readonly content: unknown }[];
      };
      const heard = JSON.stringify(messages.at(-1)?.content);
      const answer = { echo: `echo: ${heard}`, 'other-words': 'The weather is fine.', silence: '' }[
        model.mode
      ];
      const chunk = (fields: object): string =>
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'echo', ...fields })}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ choices: [{ index: 0, delta: { content: answer } }] }));
      response.write(
        chunk({
          choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
          usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
        }),
      );
      response.end('data: [DONE]\n\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  model.port = (server.address() as AddressInfo).port;
  return { model, server };
}

/** What `npm test` sets up, told by the environment. */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set. Run this test with “npm test”, which sets it up.`);
  return value;
}
