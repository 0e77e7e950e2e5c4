import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { expect, it, onTestFinished } from 'vitest';

import { readAnswerSchema } from '../broker/answer-schema.ts';
import { createAgentTools, formExamples } from './agent-tools.ts';
import { parseRequest, type DoorRequest } from './protocol.ts';

/** A client of the tools; `answer` is what the app says, null: it does not run. */
async function toolsOf(to: readonly string[], answer: string | null) {
  const requests: DoorRequest[] = [];
  const server = createAgentTools({
    to,
    version: '1',
    ask: (request) => {
      requests.push(request);
      return Promise.resolve(answer);
    },
  });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await server.connect(far);
  const client = new Client({ name: 'agent', version: '1' });
  await client.connect(near);
  onTestFinished(() => client.close());
  return { client, requests };
}

it('offers three tools for each domain, and nothing but tools', async () => {
  const { client } = await toolsOf(['work', 'acme-2'], null);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'ask_work',
    'tell_work',
    'work_result',
    'ask_acme-2',
    'tell_acme-2',
    'acme-2_result',
  ]);
  expect(Object.keys(client.getServerCapabilities() ?? {})).toEqual(['tools']);
});

it('hands on the words, the domain of the tool, the purpose and the form, and nothing else of the frame', async () => {
  const { client, requests } = await toolsOf(['work'], '{"status":"answered","value":true}\n');
  const answer = { type: 'yes-no' };
  await client.callTool({
    name: 'ask_work',
    arguments: { question: 'Is Friday free?', answer, purpose: 'a trip', to: 'bank', extra: 1 },
    _meta: { from: 'personal' },
  });
  await client.callTool({ name: 'tell_work', arguments: { information: 'I am ill.' } });
  await client.callTool({ name: 'work_result', arguments: { ticket: 't1' } });
  expect(requests).toEqual([
    {
      call: {
        action: 'ask_work',
        to: 'work',
        text: 'Is Friday free?',
        purpose: 'a trip',
        answer,
      },
    },
    { call: { action: 'tell_work', to: 'work', text: 'I am ill.', purpose: '', answer: null } },
    { ticket: 't1' },
  ]);
  for (const request of requests) expect(parseRequest(JSON.stringify(request))).toEqual(request);
});

it('gives the answer as structured content, and once more as the text of it', async () => {
  const { client } = await toolsOf(['work'], '{"status":"answered","value":{"free":true}}');
  const result = await client.callTool({ name: 'ask_work', arguments: { question: 'Free?' } });
  expect(result).toEqual({
    structuredContent: { status: 'answered', value: { free: true } },
    content: [
      {
        type: 'text',
        text: JSON.stringify({ status: 'answered', value: { free: true } }, null, 2),
      },
    ],
  });
});

it.each([
  ['does not run', null],
  ['breaks off', '{"status":"answ'],
  ['answers no object', '[1]'],
  ['answers without a status', '{"value":1}'],
])('says that it is not available when the app %s', async (_what, answer) => {
  const { client } = await toolsOf(['work'], answer);
  const result = await client.callTool({ name: 'ask_work', arguments: { question: 'Free?' } });
  expect(result.structuredContent).toEqual({ status: 'not-available' });
  expect(result.isError).toBeUndefined();
});

it.each([
  ['ask_work', { question: 'x'.repeat(2_001) }],
  ['ask_work', { question: '' }],
  ['ask_work', { question: 'Free?', purpose: 'x'.repeat(201) }],
  ['ask_work', { question: 'Free?', answer: 'yes-no' }],
  ['work_result', { ticket: 7 }],
  ['ask_bank', { question: 'Free?' }],
])('asks nobody when %s is called wrongly: %j', async (name, given) => {
  const { client, requests } = await toolsOf(['work'], '{"status":"answered","value":true}');
  const result = await client.callTool({ name, arguments: given });
  expect(result.isError).toBe(true);
  expect(requests).toEqual([]);
});

it.each(formExamples)('shows a form that can be used: %s', (example) => {
  expect(readAnswerSchema(JSON.parse(example))).toMatchObject({ ok: true });
});
