/**
 * A model that costs nothing: OpenAI-compatible, streaming, on loopback, answers with what it was told.
 *
 * Several gateways can share it under base paths of their own (`/personal/v1`, `/work/v1`); every request is recorded with
 * its path, so that a test can say whose model got which prompt.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { lastToolResult, lastUserText } from './echo-prompt.ts';

/** What the model does with a request. A person can ask for most of it in a message: `/slow`, `/hang`, `/fail`, `/wrong`, `/tool`. */
export type Behaviour =
  | { readonly kind: 'normal' }
  | { readonly kind: 'slow'; readonly tokenDelayMs: number }
  /** Sends this many tokens and then nothing more, with the connection open. */
  | { readonly kind: 'hang'; readonly afterTokens: number }
  | { readonly kind: 'fail'; readonly status: number }
  /** Answers something that has nothing to do with the question. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'say'; readonly text: string }
  /** Calls a tool first and tells its result afterwards. */
  | {
      readonly kind: 'tool';
      readonly name: string;
      readonly arguments: Readonly<Record<string, unknown>>;
    };

export interface RecordedRequest {
  /** The part of the path before `/v1`: `personal`, `work`; empty when there is none. */
  readonly realm: string;
  /** What the person said, without what OpenClaw adds. */
  readonly text: string;
  /** The whole prompt as it came, for searching. */
  readonly prompt: string;
  readonly behaviour: Behaviour['kind'];
}

export interface EchoModel {
  /** Without a path; a gateway's base address is `${url}/<realm>/v1`. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly RecordedRequest[];
  /** What the requests of a realm (of all, unless told) meet from now on. */
  behave(behaviour: Behaviour, realm?: string): void;
  /** Resolves with the first request, past or future, that fits. */
  waitForRequest(fits: (request: RecordedRequest) => boolean): Promise<RecordedRequest>;
  stop(): Promise<void>;
}

export interface EchoModelOptions {
  /** 0, a free one, unless told. */
  readonly port?: number;
  /** Pause between the tokens of a normal answer; 0 unless told. */
  readonly tokenDelayMs?: number;
}

interface ChatRequest {
  readonly model?: string;
  readonly stream?: boolean;
  readonly messages?: readonly { readonly role: string; readonly content?: unknown }[];
}

interface Answer {
  readonly text: string;
  readonly toolCall: { readonly name: string; readonly arguments: string } | null;
}

const wrongAnswer = 'The weather in Lisbon is pleasant today.';

/** Starts the model on loopback. */
export async function startEchoModel(options: EchoModelOptions = {}): Promise<EchoModel> {
  const requests: RecordedRequest[] = [];
  const waiting = new Set<(request: RecordedRequest) => void>();
  const behaviours = new Map<string, Behaviour>();
  const stopping = new AbortController();

  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      response.destroy(); // the caller left, or the model is being stopped
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = /^(?:\/([\w-]+))?\/v1\/(models|chat\/completions)$/u.exec(
      new URL(request.url ?? '/', 'http://model').pathname,
    );
    if (route === null) {
      response.writeHead(404).end();
      return;
    }
    if (route[2] === 'models') {
      sendJson(response, 200, {
        object: 'list',
        data: [{ id: 'echo', object: 'model', owned_by: 'switchyard' }],
      });
      return;
    }
    const realm = route[1] ?? '';
    const body = await readBody(request);
    const chat = JSON.parse(body) as ChatRequest;
    const messages = chat.messages ?? [];
    const said = lastUserText(messages);
    const behaviour = directive(said) ??
      behaviours.get(realm) ??
      behaviours.get('*') ?? { kind: 'normal' };
    const recorded: RecordedRequest = {
      realm,
      text: said,
      prompt: body,
      behaviour: behaviour.kind,
    };
    requests.push(recorded);
    for (const look of [...waiting]) look(recorded);
    if (behaviour.kind === 'fail') {
      sendJson(response, behaviour.status, {
        error: { message: 'the echo model was told to fail', type: 'server_error' },
      });
      return;
    }
    const answer = answerTo(said, behaviour, lastToolResult(messages));
    if (chat.stream === true) await stream(response, answer, behaviour);
    else if (behaviour.kind !== 'hang') sendJson(response, 200, wholeAnswer(answer));
  }

  async function stream(
    response: ServerResponse,
    answer: Answer,
    behaviour: Behaviour,
  ): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const write = (delta: object, finish: string | null = null, usage?: object): void => {
      const chunk = {
        id: 'echo',
        object: 'chat.completion.chunk',
        model: 'echo',
        choices: [{ index: 0, delta, finish_reason: finish }],
        ...usage,
      };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    };
    const delayMs =
      behaviour.kind === 'slow' ? behaviour.tokenDelayMs : (options.tokenDelayMs ?? 0);
    write({ role: 'assistant', content: '' });
    for (const [index, token] of tokensOf(answer.text).entries()) {
      if (behaviour.kind === 'hang' && index >= behaviour.afterTokens) return;
      if (delayMs > 0) await sleep(delayMs, undefined, { signal: stopping.signal });
      if (response.destroyed) return;
      write({ content: token });
    }
    if (answer.toolCall !== null) {
      write({
        tool_calls: [
          { index: 0, id: `call-${requests.length}`, type: 'function', function: answer.toolCall },
        ],
      });
    }
    write({}, answer.toolCall === null ? 'stop' : 'tool_calls', { usage: usageOf(answer) });
    response.end('data: [DONE]\n\n');
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    behave: (behaviour, realm = '*') => {
      behaviours.set(realm, behaviour);
    },
    waitForRequest: (fits) =>
      new Promise((resolve) => {
        const look = (request: RecordedRequest): void => {
          if (!fits(request)) return;
          waiting.delete(look);
          resolve(request);
        };
        waiting.add(look);
        for (const request of requests) look(request);
      }),
    stop: async () => {
      stopping.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A behaviour that a message asks for by how it begins; null when it does not. */
export function directive(text: string): Behaviour | null {
  const [word = '', argument = '', ...rest] = text.split(/\s+/u);
  switch (word) {
    case '/slow':
      return { kind: 'slow', tokenDelayMs: 400 };
    case '/hang':
      return { kind: 'hang', afterTokens: 2 };
    case '/fail':
      return { kind: 'fail', status: /^[45]\d\d$/u.test(argument) ? Number(argument) : 500 };
    case '/wrong':
      return { kind: 'wrong' };
    case '/tool':
      return {
        kind: 'tool',
        name: argument === '' ? 'ls' : argument,
        arguments: parseArguments(rest.join(' ')),
      };
    default:
      return null;
  }
}

function answerTo(said: string, behaviour: Behaviour, toolResult: string | null): Answer {
  if (behaviour.kind === 'wrong') return { text: wrongAnswer, toolCall: null };
  if (behaviour.kind === 'say') return { text: behaviour.text, toolCall: null };
  if (behaviour.kind !== 'tool') return { text: `Echo: ${said}`, toolCall: null };
  if (toolResult !== null)
    return {
      text: `The tool said:\n\n\`\`\`\n${toolResult.slice(0, 2_000)}\n\`\`\``,
      toolCall: null,
    };
  return {
    text: `Calling \`${behaviour.name}\`.`,
    toolCall: { name: behaviour.name, arguments: JSON.stringify(behaviour.arguments) },
  };
}

function parseArguments(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { path: '.' };
  }
}

/** Words with the blanks behind them, so that joining gives the text back. */
function tokensOf(text: string): readonly string[] {
  return text.match(/\s*\S+\s*/gu) ?? [];
}

function usageOf(answer: Answer): object {
  const tokens = tokensOf(answer.text).length;
  return { prompt_tokens: 1, completion_tokens: tokens, total_tokens: tokens + 1 };
}

function wholeAnswer(answer: Answer): object {
  const toolCalls =
    answer.toolCall === null
      ? {}
      : { tool_calls: [{ id: 'call-1', type: 'function', function: answer.toolCall }] };
  return {
    id: 'echo',
    object: 'chat.completion',
    model: 'echo',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.text, ...toolCalls },
        finish_reason: answer.toolCall === null ? 'stop' : 'tool_calls',
      },
    ],
    usage: usageOf(answer),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
