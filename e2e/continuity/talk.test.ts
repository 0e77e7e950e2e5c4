import { expect, test } from 'vitest';

import { difference, faultsOf, paneLines, promptLines, turnLines } from './talk.ts';

const whole = [...turnLines('one'), ...turnLines('two')];

test('a conversation that is whole has no fault', () => {
  expect(faultsOf('pane', difference(whole, whole))).toEqual([]);
});

test.each([
  ['lost', whole.slice(0, 3), ['pane: lost: assistant: Echo: two']],
  ['said twice', [...whole, 'user: two'], ['pane: twice: user: two']],
  ['of somebody else', [...whole, 'user: hm'], ['pane: not expected: user: hm']],
  ['out of order', whole.toReversed(), ['pane: not in order']],
])('a line that is %s is found', (_what, found, faults) => {
  expect(faultsOf('pane', difference(whole, found))).toEqual(faults);
});

test('a prompt is read as its ordinary turns', () => {
  const prompt = JSON.stringify({
    messages: [
      { role: 'system', content: 'You are an assistant.' },
      { role: 'user', content: '[Sun 2026-11-22 09:14 UTC] one' },
      { role: 'assistant', content: [{ type: 'text', text: 'Echo: one' }] },
      { role: 'user', content: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>> the moment' },
      { role: 'user', content: 'two' },
    ],
  });
  expect(promptLines(prompt)).toEqual(whole.slice(0, 3));
});

test('a pane shows what is not whole as such', () => {
  const row = { atMs: 0, runId: null, because: null };
  expect(
    paneLines([
      { ...row, id: 'a', role: 'user', text: 'one', status: 'done' },
      { ...row, id: 'b', role: 'assistant', text: 'Ec', status: 'stopped' },
    ]),
  ).toEqual(['user: one', 'assistant: Ec (stopped)']);
});
