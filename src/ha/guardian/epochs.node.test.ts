import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openEpochMemory } from './epochs.node.ts';

function open(stateDir: string) {
  const opened = openEpochMemory(stateDir, 'home');
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

it('begins at 0 and remembers the highest epoch over lives of the guardian', () => {
  const stateDir = temporaryFolder();
  const first = open(stateDir);
  expect(first.highest).toBe(0);
  first.remember(3);
  first.remember(4);
  expect(open(stateDir).highest).toBe(4);
  expect(readdirSync(join(stateDir, 'epochs'))).toEqual(['home.json']);
});

it('does not start on a file that it cannot understand, and says what to do', () => {
  const stateDir = temporaryFolder();
  mkdirSync(join(stateDir, 'epochs'));
  writeFileSync(join(stateDir, 'epochs', 'home.json'), '{"version":1,"epoch":-1}');
  expect(openEpochMemory(stateDir, 'home')).toEqual({
    ok: false,
    error: expect.stringContaining('the highest epoch ever seen') as string,
  });
});

it('throws when the epoch cannot be made durable, so that nothing is granted in it', () => {
  const stateDir = temporaryFolder();
  const memory = open(stateDir);
  // A folder in the way of the file beside: root may write into closed folders, but not over this.
  mkdirSync(join(stateDir, 'epochs', 'home.json.new'));
  chmodSync(join(stateDir, 'epochs'), 0o700);
  expect(() => memory.remember(1)).toThrow();
});
