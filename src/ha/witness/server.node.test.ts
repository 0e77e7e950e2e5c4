import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import type { RegisterRecord } from '../model.ts';
import { hmacSha256 } from '../register/hmac.node.ts';
import { registerPath } from '../register/register-record.node.ts';
import { networkRegisterConformance } from '../register/testing/network-register-conformance.ts';
import { registerConformance } from '../register/testing/register-conformance.ts';
import { sendRaw } from '../register/testing/faulty-datagrams.ts';
import { openUdp } from '../register/wire.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { startWitness } from './server.node.ts';
import type { Witness, WitnessNews, WitnessOptions } from './server.node.ts';
import type { WitnessStore } from './store.node.ts';
import { encodeRequest } from './wire.ts';
import { witnessRegister } from './witness-register.ts';
import type { WitnessRegisterOptions } from './witness-register.ts';

const secret = 'a secret of this pair alone';
const clock = systemClock();
const first: RegisterRecord = { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://10.0.0.1:18789' };
const second: RegisterRecord = { epoch: 2, holder: 'home-b', ctr: 2, addr: 'ws://10.0.0.2:18789' };

const running: Witness[] = [];
afterEach(async () => {
  for (const witness of running.splice(0)) await witness.stop();
});

async function start(options: Partial<WitnessOptions> = {}): Promise<Witness> {
  const started = await startWitness({
    listen: { host: '127.0.0.1', port: 0 },
    stateDir: join(temporaryFolder(), 'witness'),
    keys: new Map([['home', hmacSha256(secret)]]),
    clock,
    onNews: () => undefined,
    ...options,
  });
  if (!started.ok) throw new Error(started.error.words);
  running.push(started.value);
  return started.value;
}

function open(
  port: number,
  options: Partial<WitnessRegisterOptions> = {},
  openDatagrams = openUdp,
) {
  return witnessRegister(
    {
      host: '127.0.0.1',
      port,
      pair: 'home',
      secret: async () => ({ ok: true, value: secret }),
      timeoutMs: 5000, // the machine may be busy
      ...options,
    },
    { clock, random: systemRandom(), openDatagrams, makeHmac: hmacSha256 },
  );
}

registerConformance('a witness', async () => {
  const { port } = await start();
  return () => open(port);
});

networkRegisterConformance('a witness', async () => {
  const stateDir = join(temporaryFolder(), 'witness');
  let witness = await start({ stateDir });
  const { port } = witness;
  return {
    to: { host: '127.0.0.1', port },
    open: (datagrams, { timeoutMs, wrongSecret = false } = {}) =>
      open(
        port,
        {
          timeoutMs,
          secret: async () => ({ ok: true, value: wrongSecret ? 'quite another' : secret }),
        },
        datagrams,
      ),
    kill: () => witness.stop(),
    start: async () => {
      witness = await start({ stateDir, listen: { host: '127.0.0.1', port } });
    },
  };
});

describe('a witness', () => {
  it('keeps pairs apart', async () => {
    const keys = new Map([
      ['home', hmacSha256(secret)],
      ['work', hmacSha256('the secret of work')],
    ]);
    const { port } = await start({ keys });
    const work = open(port, {
      pair: 'work',
      secret: async () => ({ ok: true, value: 'the secret of work' }),
    });
    expect(await open(port).compareAndSwap(null, first)).toEqual({ kind: 'swapped' });
    expect(await work.read()).toEqual({ kind: 'empty' });
    expect(await open(port, { pair: 'work', timeoutMs: 100 }).read()).toMatchObject({
      kind: 'unreadable',
    });
  });

  it('acknowledges nothing that the disk did not take, and serves again once it does', async () => {
    const news: WitnessNews[] = [];
    let isFull = false;
    let held: RegisterRecord | null = null;
    const store: WitnessStore = {
      load: async () => (held === null ? { kind: 'empty' } : { kind: 'found', record: held }),
      save: async (_pair, record) => {
        if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        held = record;
      },
    };
    const { port } = await start({ store, onNews: (item) => news.push(item) });
    const register = open(port);
    await register.compareAndSwap(null, first);
    isFull = true;
    expect(await register.compareAndSwap(first, second)).toMatchObject({
      kind: 'unknown',
      detail: expect.stringMatching(/no space left/u),
    });
    expect(await register.read()).toMatchObject({ kind: 'unreadable' });
    expect(news).toContainEqual(expect.objectContaining({ kind: 'trouble', pair: 'home' }));
    isFull = false;
    expect(await register.read()).toEqual({ kind: 'found', record: first });
    expect(await register.compareAndSwap(first, second)).toEqual({ kind: 'swapped' });
  });

  it('keeps its record when the disk is full', async () => {
    const stateDir = temporaryFolder();
    const path = registerPath(stateDir, 'home');
    const { port } = await start({ stateDir });
    const register = open(port);
    expect(await register.compareAndSwap(null, first)).toEqual({ kind: 'swapped' });
    symlinkSync('/dev/full', `${path}.new`); // whatever is written there meets a full disk
    expect(await register.compareAndSwap(first, second)).toMatchObject({
      kind: 'unknown',
      detail: expect.stringMatching(/could not be saved .*ENOSPC/u),
    });
    rmSync(`${path}.new`);
    expect(await register.read()).toEqual({ kind: 'found', record: first });
    expect(await register.compareAndSwap(first, second)).toEqual({ kind: 'swapped' });
  });

  it('says empty, and no more, when its state was lost', async () => {
    const stateDir = join(temporaryFolder(), 'witness');
    const witness = await start({ stateDir });
    await open(witness.port).compareAndSwap(null, { ...first, epoch: 17, ctr: 400 });
    await witness.stop();
    rmSync(stateDir, { recursive: true });
    const { port } = await start({ stateDir });
    expect(await open(port).read()).toEqual({ kind: 'empty' });
    expect(await open(port).compareAndSwap({ ...first, epoch: 17, ctr: 400 }, second)).toEqual({
      kind: 'conflict',
    });
  });

  it('does not write over a damaged record, and names it', async () => {
    const stateDir = temporaryFolder();
    const path = registerPath(stateDir, 'home');
    mkdirSync(join(stateDir, 'registers'));
    writeFileSync(path, '{"version":1,"epo');
    const { port } = await start({ stateDir });
    expect(await open(port).read()).toMatchObject({
      kind: 'unreadable',
      detail: expect.stringMatching(/damaged/u),
    });
    expect(await open(port).compareAndSwap(null, first)).toMatchObject({ kind: 'unknown' });
    expect(readFileSync(path, 'utf8')).toBe('{"version":1,"epo');
  });

  it('says nothing to strangers, and tells of them once a minute at most', async () => {
    const news: WitnessNews[] = [];
    const { port } = await start({ onNews: (item) => news.push(item) });
    const to = { host: '127.0.0.1', port };
    const wrong = encodeRequest('home', { op: 'read', nonce: 'n' }, hmacSha256('wrong'))!;
    const unknown = encodeRequest('other', { op: 'read', nonce: 'n' }, hmacSha256(secret))!;
    for (const packet of [wrong, unknown, new Uint8Array(), Uint8Array.of(1, 2, 3)])
      expect(await sendRaw(openUdp, to, packet, 50)).toBeNull();
    expect(news).toEqual([
      { kind: 'refused', from: '127.0.0.1', detail: expect.stringMatching(/secret/u), count: 1 },
    ]);
    expect(await open(port).read()).toEqual({ kind: 'empty' });
  });

  it('tells role changes, not renewals', async () => {
    const news: WitnessNews[] = [];
    const { port } = await start({ onNews: (item) => news.push(item) });
    const register = open(port);
    const renewed = { ...first, ctr: 2 };
    await register.compareAndSwap(null, first);
    await register.compareAndSwap(first, renewed);
    await register.compareAndSwap(renewed, { ...second, ctr: 3 });
    expect(news).toEqual([
      { kind: 'swapped', pair: 'home', epoch: 1, holder: 'home-a' },
      { kind: 'swapped', pair: 'home', epoch: 2, holder: 'home-b' },
    ]);
  });

  it('is alone in its folder and at its address', async () => {
    const stateDir = temporaryFolder();
    const { port } = await start({ stateDir });
    const options = { keys: new Map(), clock, onNews: () => undefined };
    expect(
      await startWitness({ ...options, stateDir, listen: { host: '127.0.0.1', port: 0 } }),
    ).toMatchObject({ ok: false, error: { code: 'running' } });
    expect(
      await startWitness({
        ...options,
        stateDir: temporaryFolder(),
        listen: { host: '127.0.0.1', port },
      }),
    ).toMatchObject({ ok: false, error: { code: 'running' } });
    expect(
      await startWitness({
        ...options,
        stateDir: temporaryFolder(),
        listen: { host: '192.0.2.1', port: 0 },
      }),
    ).toMatchObject({ ok: false, error: { code: 'cannot-create' } });
  });
});
