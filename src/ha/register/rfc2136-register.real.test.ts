import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import type { RegisterRecord } from '../model.ts';
import { startBind } from '../testing/bind.ts';
import type { RunningBind } from '../testing/bind.ts';
import { tsigKey } from './hmac.node.ts';
import { rfc2136Register } from './rfc2136-register.ts';
import type { Rfc2136Options, Rfc2136Ports } from './rfc2136-register.ts';
import { networkRegisterConformance } from './testing/network-register-conformance.ts';
import { registerConformance } from './testing/register-conformance.ts';
import { askTcp, openUdp } from './wire.node.ts';

const zone = 'home.lan';
const clock = systemClock();
const on = (host: string): RegisterRecord => ({
  epoch: 1,
  holder: 'home-a',
  ctr: 1,
  addr: `ws://${host}:18789`,
});

let bind: RunningBind;
let names = 0;

/** Just what the documentation tells people to grant. */
const policy = ['zonesub TXT A AAAA'];

beforeAll(async () => {
  bind = await startBind({ zone, policy, records: ['taken 0 IN A 10.9.9.9'] });
});
afterAll(() => bind.stop());

function newName(): string {
  names += 1;
  return `gw${names}.${zone}`;
}

function open(
  name: string,
  options: Partial<Rfc2136Options> = {},
  ports: Partial<Rfc2136Ports> = {},
): ReturnType<typeof rfc2136Register> {
  const secret = async () => ({ ok: true, value: bind.key.secret }) as const;
  return rfc2136Register(
    {
      server: bind.server,
      port: bind.port,
      zone,
      name,
      ttlSeconds: 0,
      timeoutMs: 5000, // the machine may be busy
      key: { ...bind.key, secret },
      ...options,
    },
    {
      clock,
      random: systemRandom(),
      openDatagrams: openUdp,
      askStream: askTcp,
      makeKey: tsigKey,
      ...ports,
    },
  );
}

async function dig(name: string, type: string): Promise<readonly string[]> {
  const args = ['+short', '+norecurse', `@${bind.server}`, '-p', String(bind.port), name, type];
  const { stdout } = await promisify(execFile)('dig', args);
  return stdout.split('\n').filter((line) => line !== '');
}

async function nsupdate(...lines: readonly string[]): Promise<void> {
  const { name, algorithm, secret } = bind.key;
  const child = promisify(execFile)('nsupdate', ['-y', `${algorithm}:${name}:${secret}`]);
  child.child.stdin?.end(
    [`server ${bind.server} ${bind.port}`, `zone ${zone}`, ...lines, 'send', ''].join('\n'),
  );
  await child;
}

registerConformance('BIND', async () => {
  const name = newName();
  return () => open(name);
});

networkRegisterConformance('BIND', async () => {
  const name = newName();
  return {
    to: { host: bind.server, port: bind.port },
    open: (openDatagrams, { timeoutMs, wrongSecret = false } = {}) =>
      open(
        name,
        {
          timeoutMs,
          ...(wrongSecret
            ? { key: { ...bind.key, secret: async () => ({ ok: true, value: 'c2VjcmV0' }) } }
            : {}),
        },
        { openDatagrams },
      ),
    kill: () => bind.kill('SIGKILL'),
    start: () => bind.start(),
  };
});

describe('the register in BIND', () => {
  it.each(['none', 'revoked'])(
    'moves the address with the lease, and leaves it when the holder is "%s"',
    async (holder) => {
      const name = newName();
      const register = open(name);
      const a = on('10.0.0.1');
      const released = { ...a, holder, ctr: 2, addr: 'ws://10.0.0.66:18789' };
      const b = { epoch: 2, holder: 'home-b', ctr: 3, addr: 'ws://[fd00::2]:18789' };
      await register.compareAndSwap(null, a);
      expect(await dig(name, 'A')).toEqual(['10.0.0.1']);
      expect(await dig(`_lease.${name}`, 'TXT')).toEqual([
        '"epoch=1;holder=home-a;ctr=1;addr=ws://10.0.0.1:18789"',
      ]);
      await register.compareAndSwap(a, released);
      expect(await dig(name, 'A')).toEqual(['10.0.0.1']);
      await register.compareAndSwap(released, b);
      expect(await dig(name, 'A')).toEqual([]);
      expect(await dig(name, 'AAAA')).toEqual(['fd00::2']);
    },
  );

  it('takes an address that was there before, and puts it right again when somebody else changed it', async () => {
    const name = `taken.${zone}`;
    let bootMs = 0;
    const register = open(name, {}, { clock: { ...clock, bootMs: () => bootMs } });
    let held = on('10.0.0.1');
    const renew = async (): Promise<void> => {
      const next = { ...held, ctr: held.ctr + 1 };
      expect(await register.compareAndSwap(held, next)).toEqual({ kind: 'swapped' });
      held = next;
    };
    expect(await dig(name, 'A')).toEqual(['10.9.9.9']);
    await register.compareAndSwap(null, held);
    expect(await dig(name, 'A')).toEqual(['10.0.0.1']);
    await nsupdate(`update delete ${name} A`, `update add ${name} 0 A 10.66.6.6`);
    await renew();
    expect(await dig(name, 'A')).toEqual(['10.66.6.6']);
    bootMs += 60_000; // the check is due, and the renewal after it repairs
    await renew();
    await expect
      .poll(async () => {
        await renew();
        return dig(name, 'A');
      })
      .toEqual(['10.0.0.1']);
  });

  it.each([
    ['two records', ['"epoch=1;holder=a;ctr=1;addr="', '"epoch=2;holder=b;ctr=2;addr="']],
    ['words', ['"hello"']],
    ['no epoch', ['"epoch=0;holder=a;ctr=1;addr="']],
    ['another order', ['"holder=a;epoch=1;ctr=1;addr="']],
    ['two strings', ['"epoch=1;holder=a;" "ctr=1;addr="']],
    ['bytes that are no text', ['"epoch=1;holder=a;ctr=1;addr=\\255"']],
  ])('is unreadable, not empty, with %s in it', async (_words, texts) => {
    const name = newName();
    await nsupdate(...texts.map((text) => `update add _lease.${name} 0 TXT ${text}`));
    expect(await open(name).read()).toMatchObject({ kind: 'unreadable' });
    expect(await open(name).compareAndSwap(null, on('10.0.0.1'))).toMatchObject({
      kind: 'unknown',
      detail: expect.stringMatching(/_lease/u),
    });
  });

  it.each(['hmac-sha384', 'hmac-sha512'] as const)('signs with %s as well', async (algorithm) => {
    const other = await startBind({ zone, algorithm });
    try {
      const secret = async () => ({ ok: true, value: other.key.secret }) as const;
      const register = open('gw.home.lan', { port: other.port, key: { ...other.key, secret } });
      expect(await register.compareAndSwap(null, on('10.0.0.1'))).toEqual({ kind: 'swapped' });
      expect(await register.read()).toEqual({ kind: 'found', record: on('10.0.0.1') });
    } finally {
      await other.stop();
    }
  });

  it.each([-3600, 3600])('bears a wall clock that is %i s off, and raises an alarm', async (by) => {
    const alarms: string[] = [];
    const wrong: Clock = { ...clock, wallMs: () => clock.wallMs() + by * 1000 };
    const register = open(newName(), {}, { clock: wrong, onAlarm: (words) => alarms.push(words) });
    expect(await register.compareAndSwap(null, on('10.0.0.1'))).toEqual({ kind: 'swapped' });
    expect(await register.read()).toEqual({ kind: 'found', record: on('10.0.0.1') });
    expect(alarms).toEqual([expect.stringMatching(/^BADTIME.*(3599|3600|3601) s apart/u)]);
  });

  it('answers over TCP what does not fit a datagram', async () => {
    const addr = `ws://10.0.0.1:18789/${'long'.repeat(150)}`;
    const record = { ...on('10.0.0.1'), addr };
    const register = open(newName(), {}, { openDatagrams: openUdp });
    expect(await register.compareAndSwap(null, record)).toEqual({ kind: 'swapped' });
    expect(await register.read()).toEqual({ kind: 'found', record });
  });

  it.each<[string, Partial<Rfc2136Options>, RegExp]>([
    ['an unknown key', { key: { ...key(), name: 'other' } }, /BADKEY.*other/u],
    ['a secret that is no base64', { key: key('not base64!') }, /base64/u],
    ['another zone', { zone: 'else.lan', name: 'gw.else.lan' }, /NOTAUTH|REFUSED/u],
  ])('says what to do about %s', async (_words, options, words) => {
    const register = open('gw.home.lan', { timeoutMs: 800, ...fill(options) });
    expect(await register.compareAndSwap(null, on('10.0.0.1'))).toMatchObject({
      kind: 'unknown',
      detail: expect.stringMatching(words),
    });
    expect(await register.read()).toMatchObject({
      kind: 'unreadable',
      detail: expect.stringMatching(words),
    });
  });

  it('says what to grant when the key may not change the name', async () => {
    const strict = await startBind({ zone, policy: ['name only.home.lan. A'] });
    try {
      const secret = async () => ({ ok: true, value: strict.key.secret }) as const;
      const register = open('gw.home.lan', { port: strict.port, key: { ...strict.key, secret } });
      expect(await register.compareAndSwap(null, on('10.0.0.1'))).toMatchObject({
        kind: 'unknown',
        detail: expect.stringMatching(/REFUSED.*grant.*TXT.*update-policy/u),
      });
    } finally {
      await strict.stop();
    }
  });
});

/** The key of the running BIND, which is not there yet when the table of cases is made: filled in by `fill`. */
function key(secret?: string): Rfc2136Options['key'] {
  return {
    name: '',
    algorithm: 'hmac-sha256',
    secret: async () => ({ ok: true, value: secret ?? bind.key.secret }),
  };
}

function fill(options: Partial<Rfc2136Options>): Partial<Rfc2136Options> {
  if (options.key === undefined) return options;
  return { ...options, key: { ...options.key, name: options.key.name || bind.key.name } };
}
