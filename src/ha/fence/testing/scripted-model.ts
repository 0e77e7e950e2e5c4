import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `tool-loop`: asks for one shell command after the other, for ever. `tool-once`: for one, then it answers. `slow`: a word every
 * 50 ms for a minute.
 */
export type ModelMode = 'echo' | 'tool-loop' | 'tool-once' | 'slow';

export interface ScriptedModel {
  readonly port: number;
  mode: ModelMode;
  /** The shell command of the tool loop. */
  command: string;
  /** The tool that it calls; null: the one for shell commands. */
  tool: { readonly name: string; readonly arguments: object } | null;
  /** How many requests came. */
  requests(): number;
  /** The conversation that came with the newest request. */
  conversation(): readonly PromptMessage[];
  /** How many answers are being written. */
  open(): number;
  stop(): Promise<void>;
}

/** A message of a prompt, in OpenAI's words. */
export interface PromptMessage {
  readonly role: string;
  readonly content: unknown;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

interface ModelRequest {
  readonly messages: readonly PromptMessage[];
  readonly tools?: readonly unknown[];
}

/** A model on loopback that does what its test says. */
export async function startScriptedModel(): Promise<ScriptedModel> {
  let requests = 0;
  let open = 0;
  let conversation: readonly PromptMessage[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      if (request.method !== 'POST') {
        response.end('{}'); // the scheduler looks whether a local model is there
        return;
      }
      requests += 1;
      open += 1;
      response.on('close', () => (open -= 1));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const asked = JSON.parse(body) as ModelRequest;
      conversation = asked.messages;
      answer(response, asked);
    });
  });
  const answer = (response: ServerResponse, asked: ModelRequest): void => {
    if (model.mode === 'slow') drip(response, 1_200);
    else if (wantsTool(model.mode, asked))
      callTool(response, model.tool ?? { name: 'exec', arguments: { command: model.command } });
    else {
      say(response, `echo: ${JSON.stringify(asked.messages.at(-1)?.content)}`);
      finish(response, 'stop');
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const model: ScriptedModel = {
    port: (server.address() as AddressInfo).port,
    mode: 'echo',
    command: 'true',
    tool: null,
    requests: () => requests,
    conversation: () => conversation,
    open: () => open,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return model;
}

function wantsTool(mode: ModelMode, { messages, tools = [] }: ModelRequest): boolean {
  if (tools.length === 0) return false;
  const wasUsed = messages.some(({ role }) => role === 'tool');
  return mode === 'tool-loop' || (mode === 'tool-once' && !wasUsed);
}

function drip(response: ServerResponse, words: number): void {
  if (response.destroyed) return;
  if (words === 0) {
    finish(response, 'stop');
    return;
  }
  say(response, `word ${words} `);
  setTimeout(() => drip(response, words - 1), 50);
}

function callTool(
  response: ServerResponse,
  tool: { readonly name: string; readonly arguments: object },
): void {
  const call = {
    index: 0,
    id: `call-${Math.random().toString(36).slice(2)}`,
    type: 'function',
    function: { name: tool.name, arguments: JSON.stringify(tool.arguments) },
  };
  chunk(response, [{ index: 0, delta: { role: 'assistant', tool_calls: [call] } }]);
  finish(response, 'tool_calls');
}

function say(response: ServerResponse, content: string): void {
  chunk(response, [{ index: 0, delta: { content } }]);
}

function finish(response: ServerResponse, reason: string): void {
  chunk(response, [{ index: 0, delta: {}, finish_reason: reason }]);
  response.end('data: [DONE]\n\n');
}

function chunk(response: ServerResponse, choices: object[]): void {
  const frame = { id: 'c', object: 'chat.completion.chunk', model: 'echo', choices };
  response.write(`data: ${JSON.stringify(frame)}\n\n`);
}
