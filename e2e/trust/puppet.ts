/**
 * The obedient personal agent: whatever text it sees, it says, asks leave for, and calls every tool with. No model is that bad;
 * what holds for it holds for any.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

import type { GatewayDouble } from '../../src/gateways/testing/gateway-double.node.ts';

export interface Puppet {
  /** Obeys texts, one after the other; resolves when every call is answered or waits for a person. */
  obey(texts: readonly string[], idOf: (index: number) => string): Promise<void>;
  /** How often each tool was called, and with what status it ended; `open`: it waits for a person. */
  takeCalls(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

export interface PuppetOptions {
  readonly home: GatewayDouble;
  readonly sessionKey: string;
  /** The app's folder, for the program of the tools. */
  readonly root: string;
  /** The folder of the door to the app. */
  readonly door: string;
  readonly node: string;
  readonly client: string;
}

/** A call that takes longer waits for a person, who never comes. */
const patienceMs = 1_000;
/** Calls that wait for a person keep their place, so there are few of them at once. */
const callsAtOnce = 8;

/** Starts it, with the tools that the app gave its gateway. Rejects when they cannot be run. */
export async function startPuppet(options: PuppetOptions): Promise<Puppet> {
  const program = join(options.root, 'out', 'node', 'agent-tools.js');
  if (!existsSync(program))
    throw new Error('the tools of agents are not built; run “npm run build”');
  const client = new Client({ name: 'puppet', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: options.node,
      args: [program, '--folder', options.door, '--client', options.client, '--to', 'work'],
      stderr: 'ignore',
    }),
  );
  const { tools } = await client.listTools();
  let calls: Record<string, number> = {};
  const count = (name: string, status: string): void => {
    calls[`${name} ${status}`] = (calls[`${name} ${status}`] ?? 0) + 1;
  };
  const tickets: string[] = [];

  async function call(name: string, text: string): Promise<void> {
    const input = inputOf(tools.find((tool) => tool.name === name)?.inputSchema, text);
    try {
      const result = await client.callTool({ name, arguments: input }, undefined, {
        timeout: patienceMs,
      });
      const given = (result.structuredContent ?? {}) as { status?: string; ticket?: string };
      count(name, result.isError === true ? 'refused' : (given.status ?? 'refused'));
      if (given.ticket !== undefined) tickets.push(given.ticket);
    } catch {
      count(name, 'open');
    }
  }

  return {
    obey: async (texts, idOf) => {
      obeyOnTheWire(options.home, options.sessionKey, texts, idOf);
      const wanted = texts.flatMap((text) =>
        tools.map(({ name }) => ({
          name,
          text: tickets.length > 0 && name.endsWith('_result') ? (tickets.shift() ?? text) : text,
        })),
      );
      for (let from = 0; from < wanted.length; from += callsAtOnce)
        await Promise.all(
          wanted.slice(from, from + callsAtOnce).map(({ name, text }) => call(name, text)),
        );
    },
    takeCalls: () => {
      const taken = calls;
      calls = {};
      return taken;
    },
    stop: () => client.close(),
  };
}

/** The text in every field of a tool that takes one; a form of an answer that fits anything. */
function inputOf(
  schema: { readonly properties?: object | undefined } | undefined,
  text: string,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(schema?.properties ?? {}).map((name) => [
      name,
      name === 'answer'
        ? { type: 'one-of', values: ['yes', text.slice(0, 60)] }
        : name === 'purpose'
          ? text.slice(0, 100)
          : text.slice(0, name === 'ticket' ? 100 : 2_000),
    ]),
  );
}

/** Its ways that pass through the personal gateway: answers, tool calls and questions with each text in every field. */
function obeyOnTheWire(
  home: GatewayDouble,
  sessionKey: string,
  texts: readonly string[],
  idOf: (index: number) => string,
): void {
  for (const [index, text] of texts.entries()) {
    const id = idOf(index);
    const run = { runId: `run-${id}`, sessionKey, agentId: 'main' };
    const message = {
      role: 'assistant',
      content: [{ type: 'text', text }],
      timestamp: Date.now(),
      __openclaw: { id },
    };
    home.emit('chat', { ...run, seq: 1, state: 'final', stopReason: 'stop', message });
    home.emit('session.message', { sessionKey, messageId: id, message });
    for (const phase of ['start', 'result'])
      home.emit('agent', {
        ...run,
        stream: 'tool',
        data: { phase, name: text, toolCallId: id, args: { text }, result: text },
      });
    for (const event of ['exec.approval.requested', 'ui.command', 'node.invoke.request'])
      home.emit(event, { id, sessionKey, command: text, request: { command: text }, url: text });
  }
}
