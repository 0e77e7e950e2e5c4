import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { systemClock } from '../../base/index.node.ts';
import { endGuardian, readHolder } from './at-rest.node.ts';
import { registerPath } from '../register/register-record.node.ts';
import { fileRegister } from '../testing/file-register.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const clock = systemClock();

describe('what a register says without a guardian', () => {
  it('is nobody before a guardian ever acted, and the holder after', async () => {
    const stateDir = temporaryFolder();
    expect(await readHolder(stateDir, 'home')).toBe('none');
    const record = { epoch: 1, holder: 'home-b', ctr: 1, addr: 'ws://127.0.0.1:1' };
    await fileRegister(registerPath(stateDir, 'home'), clock).compareAndSwap(null, record);
    expect(await readHolder(stateDir, 'home')).toEqual({ holder: 'home-b' });
  });

  it('is nothing to go by when it is damaged', async () => {
    const stateDir = temporaryFolder();
    const path = registerPath(stateDir, 'home');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '{"epoch":');
    expect(await readHolder(stateDir, 'home')).toBe('unreadable');
  });
});

describe('ending a guardian that nobody wants', () => {
  it('does nothing where none listens', async () => {
    await expect(endGuardian(join(temporaryFolder(), 'none.sock'))).resolves.toBeUndefined();
  });

  it('asks the one that listens to stop', async () => {
    const path = join(temporaryFolder(), 'guardian.sock');
    const heard: string[] = [];
    const server = createServer((socket) => {
      socket.on('data', (data) => {
        heard.push(String(data));
        socket.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await endGuardian(path);
    server.close();
    expect(heard.join('')).toContain('"stop"');
  });
});
