import { afterEach, beforeEach, expect, test } from 'vitest';

import { directive, startEchoModel, type EchoModel } from './echo-model.ts';

let model: EchoModel;

beforeEach(async () => {
  model = await startEchoModel();
});

afterEach(() => model.stop());

test('answers with what it was told, streaming and whole', async () => {
  expect(await streamed(await ask('personal', 'one  two\nthree'))).toBe('Echo: one  two\nthree');
  const whole = (await (await ask('personal', 'hi', false)).json()) as {
    choices: { message: { content: string } }[];
  };
  expect(whole.choices[0]?.message.content).toBe('Echo: hi');
});

test('records which realm got which text', async () => {
  await streamed(await ask('work', 'about ATLAS'));
  expect(model.requests).toMatchObject([
    { realm: 'work', text: 'about ATLAS', behaviour: 'normal' },
  ]);
});

test('behaves differently for one realm only', async () => {
  model.behave({ kind: 'fail', status: 429 }, 'work');
  expect((await ask('work', 'x')).status).toBe(429);
  expect((await ask('personal', 'x')).status).toBe(200);
  model.behave({ kind: 'wrong' }, 'personal');
  expect(await streamed(await ask('personal', 'nonce-77'))).not.toContain('nonce-77');
});

test('hangs after the tokens it was told to send', async () => {
  model.behave({ kind: 'hang', afterTokens: 2 });
  const reader = (await ask('personal', 'one two three')).body?.getReader();
  let text = '';
  while (!text.includes('one')) text += new TextDecoder().decode((await reader?.read())?.value);
  const next = await Promise.race([
    reader?.read().then(() => 'more'),
    new Promise((resolve) => setImmediate(() => resolve('nothing'))),
  ]);
  expect(next).toBe('nothing');
  await reader?.cancel();
});

test('calls a tool and then tells its result', async () => {
  model.behave({ kind: 'tool', name: 'ls', arguments: { path: '/' } });
  const call = await (await ask('personal', 'look')).text();
  expect(call).toContain('"name":"ls"');
  expect(call).toContain('"finish_reason":"tool_calls"');
  const messages = [
    { role: 'user', content: 'look' },
    { role: 'tool', content: 'a.txt' },
  ];
  expect(await streamed(await post('personal', { stream: true, messages }))).toContain('a.txt');
});

test.each([
  ['/fail', { kind: 'fail', status: 500 }],
  ['/fail 429 now', { kind: 'fail', status: 429 }],
  ['/tool exec {"command":"id"}', { kind: 'tool', name: 'exec', arguments: { command: 'id' } }],
  ['say /fail', null],
])('the message “%s” asks for %o', (text, expected) => {
  expect(directive(text)).toEqual(expected);
});

function ask(realm: string, text: string, stream = true): Promise<Response> {
  return post(realm, { stream, messages: [{ role: 'user', content: text }] });
}

function post(realm: string, body: object): Promise<Response> {
  return fetch(`${model.url}/${realm}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
}

async function streamed(response: Response): Promise<string> {
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: {'));
  return lines
    .map(
      (line) =>
        (JSON.parse(line.slice('data: '.length)) as { choices: { delta: { content?: string } }[] })
          .choices[0]?.delta.content ?? '',
    )
    .join('');
}
