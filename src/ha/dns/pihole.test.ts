import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { changedHosts, piholeProvider } from './pihole.ts';
import { apiProviderConformance } from './testing/api-provider-conformance.ts';
import type { ApiStage } from './testing/api-provider-conformance.ts';
import { wireTo } from './testing/api-wire.ts';
import { piholeDouble } from './testing/pihole-double.ts';
import type { PiholeDouble } from './testing/pihole-double.ts';

const name = 'gw.home.lan';
const others = ['10.0.0.9 nas.home.lan nas', '  10.0.0.8\tprinter.home.lan   # upstairs'];

function open(change: Partial<PiholeDouble> = {}): ApiStage & { readonly pihole: PiholeDouble } {
  const pihole = piholeDouble();
  pihole.hosts = [others[0]!, `10.0.0.2 ${name} # switchyard epoch=1`, others[1]!];
  Object.assign(pihole, change);
  const wire = wireTo(pihole.api);
  const clock = manualClock();
  const { password, url } = pihole;
  const provider = piholeProvider({
    name,
    url: `${url}/`,
    password: async () => password,
    http: wire.http,
    clock,
  });
  return { pihole, provider, wire, clock, answer: () => pihole.answer(name), secrets: [password] };
}

const change = { name, address: '10.0.0.3', epoch: 2 };

describe('Pi-hole', () => {
  apiProviderConformance(async () => open());

  it('keeps the entries of others as they are, in their order', async () => {
    const { provider, pihole } = open();
    await provider.apply(change);
    expect(pihole.hosts).toEqual([
      others[0],
      '10.0.0.3 gw.home.lan # switchyard epoch=2',
      others[1],
    ]);
  });

  it('makes the entry where there is none', async () => {
    const { provider, pihole } = open({ hosts: [...others] });
    expect(await provider.apply(change)).toMatchObject({ ok: true });
    expect(pihole.hosts.slice(0, 2)).toEqual(others);
    expect(pihole.answer(name)).toEqual(['10.0.0.3']);
  });

  it('makes the change again when somebody else wrote over it', async () => {
    const { provider, pihole } = open();
    let rivals = 2;
    const before = [...pihole.hosts];
    pihole.beforeWrite = () => {
      // Another program that read before us writes after us: our change is gone when we read back.
      if (rivals-- > 0) queueMicrotask(() => (pihole.hosts = [...before, '10.0.0.7 new.home.lan']));
    };
    expect(await provider.apply(change)).toMatchObject({ ok: true });
    expect(pihole.answer(name)).toEqual(['10.0.0.3']);
    expect(pihole.hosts).toContain('10.0.0.7 new.home.lan');
  });

  it('gives up in words when somebody writes over it for ever', async () => {
    const { provider, pihole } = open();
    const before = [...pihole.hosts];
    pihole.beforeWrite = () => queueMicrotask(() => (pihole.hosts = before));
    expect(await provider.apply(change)).toMatchObject({ ok: false, error: { kind: 'later' } });
  });

  it('keeps one session, takes a new one when it has run out, and gives it back', async () => {
    const { provider, pihole, wire } = open();
    await provider.apply(change);
    await provider.apply({ ...change, epoch: 3 });
    const logins = () =>
      wire.requests.filter(({ url, method }) => url.endsWith('/auth') && method === 'POST').length;
    expect(logins()).toBe(1);
    pihole.sessions.clear();
    expect(await provider.apply({ ...change, epoch: 4 })).toMatchObject({ ok: true });
    expect([logins(), pihole.sessions.size]).toEqual([2, 1]);
    await provider.close();
    expect(pihole.sessions.size).toBe(0);
  });

  it.each([
    ['a wrong password', { password: 'other' }, 'wrong', 'app password'],
    ['no seats', { seats: 0 }, 'later', 'webserver.api.max_sessions'],
    ['a forced key', { isForced: true }, 'wrong', 'FTLCONF_dns_hosts'],
    ['read-only mode', { isReadOnly: true }, 'wrong', 'misc.readOnly'],
    ['an app password without rights', { appSudo: false }, 'wrong', 'webserver.api.app_sudo'],
  ] as readonly [string, Partial<PiholeDouble>, string, string][])(
    'says what to do about %s',
    async (_name, broken, kind, words) => {
      const { provider, pihole } = open();
      Object.assign(pihole, broken);
      const expected = { ok: false, error: { kind, detail: expect.stringContaining(words) } };
      expect(await provider.apply(change)).toMatchObject(expected);
      expect(pihole.answer(name)).toEqual(['10.0.0.2']);
    },
  );

  it('leaves a server without seats alone until the wait is over, whatever is published', async () => {
    const { provider, pihole, wire, clock } = open({ seats: 0 });
    await provider.apply(change);
    const asked = wire.requests.length;
    pihole.seats = 1;
    expect(await provider.apply({ ...change, epoch: 3 })).toMatchObject({
      error: { kind: 'later', retryAfterMs: 60_000 },
    });
    expect(wire.requests).toHaveLength(asked);
    clock.advance(60_000);
    expect(await provider.apply({ ...change, epoch: 3 })).toMatchObject({ ok: true });
  });

  it('says that Pi-hole 5 has no such API', async () => {
    const wire = wireTo(() => ({ status: 404, body: '<html>lighttpd</html>' }));
    const { clock } = open();
    const provider = piholeProvider({
      name,
      url: 'http://10.0.0.53',
      password: async () => 'x-password',
      http: wire.http,
      clock,
    });
    expect(await provider.test()).toMatchObject({
      error: { kind: 'wrong', detail: expect.stringContaining('v6') },
    });
  });

  it('never restarts the resolver, not even where its settings would', async () => {
    const { provider, pihole } = open({ hostsLocal: true });
    await provider.apply(change);
    await provider.test();
    expect(pihole.restarts()).toBe(0);
  });

  it('does without the mark where entries take no comment', async () => {
    const { provider, pihole } = open({
      takesComments: false,
      hosts: [`10.0.0.2 ${name}`, '10.0.0.9 nas.home.lan'],
    });
    expect(await provider.apply(change)).toMatchObject({ ok: true });
    expect(pihole.hosts).toEqual([`10.0.0.3 ${name}`, '10.0.0.9 nas.home.lan']);
  });

  it.each([
    ['a CNAME of that name', { cnameRecords: [`${name},nas.home.lan`] }, 'CNAME'],
    ['an entry that is shared', { hosts: [`10.0.0.2 nas.home.lan ${name}`] }, 'of its own'],
    ['a forced key', { isForced: true }, 'FTLCONF_dns_hosts'],
  ] as readonly [string, Partial<PiholeDouble>, string][])(
    'finds %s in its test',
    async (_name, broken, words) => {
      const { provider } = open(broken);
      expect(await provider.test()).toMatchObject({
        ok: false,
        error: { kind: 'wrong', detail: expect.stringContaining(words) },
      });
    },
  );

  it('refuses a change of address family', async () => {
    const { provider } = open();
    expect(await provider.apply({ ...change, address: 'fd00::3' })).toMatchObject({
      error: { kind: 'wrong', detail: expect.stringContaining('address family') },
    });
  });

  it('touches nobody else, whatever the list holds (property)', () => {
    const otherLine = fc
      .tuple(
        fc.constantFrom('10.0.0.7', 'fd00::7', '# note', 'broken', ''),
        fc.array(fc.stringMatching(/^[a-f]{1,5}(?:\.lan)?$/u), { maxLength: 3 }),
        fc.constantFrom('', ' # gw.home.lan', '\t#x', '  '),
      )
      .map(([address, names, rest]) => `${address} ${names.join(' ')}${rest}`);
    const ownLine = fc.constantFrom(
      `10.0.0.2 ${name}`,
      `10.0.0.4 ${name} # switchyard epoch=1`,
      ` 10.0.0.3  ${name.toUpperCase()} # mine`,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(otherLine, ownLine), { maxLength: 12 }), (hosts) => {
        const next = changedHosts(hosts, change, 'Pi-hole', true);
        if (!next.ok) throw new Error(next.error.detail);
        const after = next.value ?? hosts;
        const isOwn = (line: string) => /^\s*[^\s#]+\s+gw\.home\.lan(?:\s|$)/iu.test(line);
        expect(after.filter((line) => !isOwn(line))).toEqual(hosts.filter((line) => !isOwn(line)));
        expect(after.filter(isOwn)).toEqual([`10.0.0.3 ${name} # switchyard epoch=2`]);
      }),
    );
  });
});
