import { expect, it } from 'vitest';

import { electronMemory, processTree } from './process-memory.ts';

it('finds a process and all below it, and nobody else', () => {
  const parents = new Map([
    [10, 1],
    [11, 10],
    [12, 11],
    [20, 1],
  ]);
  expect(processTree(10, parents)).toEqual([10, 11, 12]);
});

it('leaves out programs that are not Electron’s', () => {
  const memory = electronMemory(process.pid, '/nowhere/electron');
  expect(memory).toEqual(process.platform === 'linux' ? [] : null);
});

it('has no figure when a process cannot be looked at', () => {
  expect(electronMemory(2 ** 22 + 1, process.execPath)).toBeNull();
});
