import { expect, test } from 'vitest';

import { lastToolResult, lastUserText } from './echo-prompt.ts';

const context = {
  role: 'user',
  content: [
    {
      type: 'text',
      text: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nx\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>',
    },
  ],
};
const wrapped =
  '[Sun 2026-11-22 12:48 UTC] Conversation info: ⟦openclaw:ctx⟧\n```json\n{"sender":{"id":"gateway-owner"}}\n```\n\nhello\n\nthere\n\nRuntime: agent=main | session=agent:main:x | channel=webchat';

test('a person’s text is found behind what OpenClaw adds', () => {
  expect(
    lastUserText([
      { role: 'system', content: 's' },
      { role: 'user', content: 'earlier' },
      { role: 'user', content: wrapped },
      context,
    ]),
  ).toBe('hello\n\nthere');
});

test('a bare prompt, as a probe sends it, stays as it is', () => {
  expect(lastUserText([{ role: 'user', content: 'nonce-1' }])).toBe('nonce-1');
});

test('a tool result counts only when nothing was said after it', () => {
  expect(
    lastToolResult([{ role: 'user', content: 'x' }, { role: 'tool', content: 'found' }, context]),
  ).toBe('found');
  expect(
    lastToolResult([
      { role: 'tool', content: 'found' },
      { role: 'user', content: 'x' },
    ]),
  ).toBe(null);
});

test('a message that OpenClaw tries again after a failure is still the same message', () => {
  const again =
    '[Queued user message from a previous active turn; preserved as context only. Continue with the active prompt below.]\n/fail 500\n\nContinue the current task from the existing transcript, preserving completed work.';
  expect(lastUserText([{ role: 'user', content: again }])).toBe('/fail 500');
});
