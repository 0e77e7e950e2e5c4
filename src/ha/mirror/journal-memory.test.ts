import { expect, it } from 'vitest';

import { memoryText, readMemory } from './journal-memory.ts';

const mark = { sessionId: 's1', rows: 3, digest: 'a'.repeat(64) };
const branch = { sessionId: 's1', leaf: null, rows: ['r1'] };

it('reads what it wrote', () => {
  const memory = {
    inStep: new Map([['agent:main:main', mark]]),
    branches: new Map([['agent:main:main', branch]]),
    epoch: 7,
  };
  expect(readMemory(memoryText(memory, 'home'), 'home')).toEqual(memory);
});

it('leaves out what is damaged, and takes nothing of a text that is none of its own', () => {
  const inStep = {
    good: mark,
    none: null,
    short: { ...mark, digest: 'abc' },
    negative: { ...mark, rows: -1 },
    without: { rows: 1, digest: mark.digest },
  };
  const branches = { good: branch, none: null, odd: { ...branch, rows: [1] } };
  const pair = 'home';
  const read = readMemory(JSON.stringify({ version: 1, pair, inStep, branches, epoch: '7' }), pair);
  expect([...read.inStep.keys(), ...read.branches.keys(), read.epoch]).toEqual(['good', 'good', 0]);
  const version = JSON.stringify({ version: 2, pair, inStep, branches, epoch: 7 });
  const other = JSON.stringify({ version: 1, pair: 'other', inStep, branches, epoch: 7 });
  for (const text of [null, '', '{"version":1', '[]', '7', 'null', version, other])
    expect(readMemory(text, pair)).toEqual({ inStep: new Map(), branches: new Map(), epoch: 0 });
});
