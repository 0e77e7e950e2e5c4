import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { freeGatewayPort } from './free-ports.ts';
import { configPathIn, gatewayProcess } from './gateway-process.ts';

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

/** Starts one real OpenClaw gateway with a model of our own; resolves when it is live. */
export async function startRealGateway(folder: string): Promise<RealGateway> {
  const { model, server } = await startEchoModel();
  const port = await freeGatewayPort();
  const token = 'token-of-the-real-gateway';
  const gateway = gatewayProcess(folder, port, { OPENCLAW_SKIP_CHANNELS: '1' });
  const config = gatewayConfig(port, token, model.port, join(folder, 'workspace'));
  writeFileSync(configPathIn(folder), JSON.stringify(config));
  await gateway.start();
  return {
    url: `ws://127.0.0.1:${port}`,
    token,
    process: gateway.process as ChildProcess, // it was started above
    model,
    stop: async () => {
      await gateway.kill();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
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
