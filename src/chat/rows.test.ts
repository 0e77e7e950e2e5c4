import { describe, expect, test } from 'vitest';

import { openTools } from './rows.ts';

const asked = (key: string) => ({ role: 'user', content: 'do it', idempotencyKey: `${key}:user` });
const calls = (...ids: readonly string[]) => ({
  role: 'assistant',
  content: [
    { type: 'text', text: 'I look.' },
    ...ids.map((id) => ({ type: 'toolCall', id, name: `tool-${id}`, arguments: {} })),
  ],
});
const result = (toolCallId: string) => ({ role: 'toolResult', toolCallId, content: 'done' });
const openOf = (...messages: readonly unknown[]) => openTools({ messages }, 'k1');

describe('the tools that were running when a turn was cut', () => {
  test('are those without a result', () => {
    expect(openOf(asked('k1'), calls('a', 'b'), result('a'))).toEqual(['tool-b']);
    expect(openOf(asked('k1'), calls('a'), result('a'), calls('b'))).toEqual(['tool-b']);
    expect(openOf(asked('k1'), calls('a'), result('a'))).toEqual([]);
  });

  test('are looked for after the message alone', () => {
    expect(openOf(calls('old'), asked('k1'))).toEqual([]);
    expect(openOf(asked('other'), calls('a'))).toEqual([]);
  });

  test.each([null, {}, { messages: 'x' }, { messages: [null, 1, { role: 'assistant' }] }])(
    'are none in what makes no sense: %j',
    (history) => {
      expect(openTools(history, 'k1')).toEqual([]);
    },
  );

  test('have names of a bounded length, and one where they have none', () => {
    const long = { type: 'toolCall', id: 'a', name: 'x'.repeat(500) };
    const nameless = { type: 'toolCall', id: 'b' };
    const content = [long, nameless, { type: 'toolCall', name: 'without an id' }, null];
    expect(openOf(asked('k1'), { role: 'assistant', content })).toEqual(['x'.repeat(60), 'tool']);
  });
});
