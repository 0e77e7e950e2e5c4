import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { systemClock } from '../../base/index.node.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import type { RegisterRecord } from '../model.ts';
import { fileRegister } from './file-register.node.ts';
import { memoryRegister } from './memory-register.ts';
import { registerConformance } from '../register/testing/register-conformance.ts';
import { temporaryFolder } from './temporary-folder.ts';

const record: RegisterRecord = { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://127.0.0.1:21000' };
const clock = systemClock();

registerConformance('a file', async () => {
  const path = join(temporaryFolder(), 'registers', 'home.json');
  return () => fileRegister(path, clock);
});

registerConformance('the fake', async () => {
  const register = memoryRegister();
  return () => register;
});

describe('the register in a file', () => {
  it('survives a restart', async () => {
    const path = join(temporaryFolder(), 'home.json');
    await fileRegister(path, clock).compareAndSwap(null, record);
    expect(await fileRegister(path, clock).read()).toEqual({ kind: 'found', record });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['empty', ''],
    ['cut short', '{"version":1,"epoch":7,"hol'],
    ['of another version', '{"version":2,"epoch":7,"holder":"home-a","ctr":7,"addr":""}'],
    ['without an epoch', '{"version":1,"holder":"home-a","ctr":7,"addr":""}'],
  ])(
    'is unreadable, not empty, when the file is %s, and nothing is written over it',
    async (_words, text) => {
      const path = join(temporaryFolder(), 'home.json');
      writeFileSync(path, text);
      const register = fileRegister(path, clock);
      expect(await register.read()).toMatchObject({ kind: 'unreadable' });
      expect(await register.compareAndSwap(null, record)).toMatchObject({ kind: 'unknown' });
      expect(await register.compareAndSwap(record, { ...record, epoch: 2 })).toMatchObject({
        kind: 'unknown',
      });
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('is unreadable when something else lies there', async () => {
    const path = join(temporaryFolder(), 'home.json');
    mkdirSync(path);
    expect(await fileRegister(path, clock).read()).toMatchObject({ kind: 'unreadable' });
  });

  it('keeps the old record when a new one was only half written beside it', async () => {
    const path = join(temporaryFolder(), 'home.json');
    await fileRegister(path, clock).compareAndSwap(null, record);
    writeFileSync(`${path}.new`, '{"version":1,"epoch":2');
    expect(await fileRegister(path, clock).read()).toEqual({ kind: 'found', record });
    expect(
      await fileRegister(path, clock).compareAndSwap(record, { ...record, epoch: 2, ctr: 2 }),
    ).toEqual({ kind: 'swapped' });
  });

  it('does not know the result while another guardian holds the lock, and writes nothing', async () => {
    const path = join(temporaryFolder(), 'home.json');
    const release = takeExclusiveLock(`${path}.lock`)!;
    expect(await fileRegister(path, clock).compareAndSwap(null, record)).toMatchObject({
      kind: 'unknown',
    });
    release();
    expect(await fileRegister(path, clock).compareAndSwap(null, record)).toEqual({
      kind: 'swapped',
    });
  });

  it('is free again when the process that held its lock was killed', async () => {
    const path = join(temporaryFolder(), 'home.json');
    const program = join(temporaryFolder(), 'hold.mjs');
    const lockModule = JSON.stringify(new URL('../exclusive-lock.node.ts', import.meta.url).href);
    writeFileSync(
      program,
      `import { takeExclusiveLock } from ${lockModule};\ntakeExclusiveLock(${JSON.stringify(`${path}.lock`)});\nprocess.send('held');\nsetInterval(() => {}, 1000);\n`,
    );
    const holder = fork(program, { execArgv: [] });
    await once(holder, 'message');
    expect(takeExclusiveLock(`${path}.lock`)).toBeNull();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await fileRegister(path, clock).compareAndSwap(null, record)).toEqual({
      kind: 'swapped',
    });
  });

  it('says what is wrong with a damaged file and what to do', async () => {
    const path = join(temporaryFolder(), 'home.json');
    await fileRegister(path, clock).compareAndSwap(null, record);
    truncateSync(path, 10);
    expect(await fileRegister(path, clock).read()).toMatchObject({
      detail: expect.stringMatching(/damaged.*restore/u) as string,
    });
  });
});
