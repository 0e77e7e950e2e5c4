import { expect, it } from 'vitest';

import { memoryText, readMemory } from './journal-memory.ts';

const mark = { sessionId: 's1', rows: 3, digest: 'a'.repeat(64) };

it('reads what it wrote', () => {
  const inStep = new Map([['agent:main:main', mark]]);
  expect(readMemory(memoryText(inStep))).toEqual(inStep);
});

it('leaves out what is damaged, and takes nothing of a text that is none of its own', () => {
  const odd = {
    good: mark,
    none: null,
    short: { ...mark, digest: 'abc' },
    negative: { ...mark, rows: -1 },
    without: { rows: 1, digest: mark.digest },
  };
  const text = JSON.stringify({ version: 1, inStep: odd });
  expect([...readMemory(text).keys()]).toEqual(['good']);
  for (const other of [null, '', '{"version":1', '[]', '7', '{"version":2,"inStep":{}}', 'null'])
    expect(readMemory(other).size).toBe(0);
});
