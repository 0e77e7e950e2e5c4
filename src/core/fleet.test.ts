import { describe, expect, onTestFinished, test } from 'vitest';

import { createEmitter, createLifetime, createLogger, fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import type { Enrolment, PortalFailure } from '../cloud/index.ts';
import type {
  GatewayConfig,
  GatewayFailure,
  ProcessState,
  Supervisor,
  WireEvents,
  WireOptions,
} from '../gateways/index.ts';
import { createDeviceIdentity } from '../gateways/index.node.ts';
import { memoryVault } from '../gateways/testing/memory-vault.ts';
import { createTranslator } from '../shared/index.ts';
import type { ConnectionState } from '../shared/index.ts';
import { createFleet } from './fleet.ts';

const lab = { id: 'lab', name: 'Lab', domain: 'work', kind: 'remote' } as const;
const acme: GatewayConfig = {
  id: 'acme',
  name: 'Acme',
  domain: 'work',
  kind: 'portal',
  portal: 'https://portal.acme.example',
};
const home: GatewayConfig = {
  id: 'home',
  name: 'Home',
  domain: 'personal',
  kind: 'managed',
  port: 21000,
  model: null,
};
const enrolment = (url: string): Result<Enrolment, PortalFailure> =>
  ok({ url, name: 'Acme', token: `token for ${url}` });

interface Dial {
  readonly options: WireOptions;
  readonly events: WireEvents;
  readonly requests: { readonly method: string; readonly params: unknown }[];
  closed: boolean;
}

/** A fleet of one gateway with everything around it a switch of the test. */
function fleetOf(
  config: GatewayConfig,
  options: {
    readonly vault?: ReturnType<typeof memoryVault>;
    readonly enrol?: () => Promise<Result<Enrolment, PortalFailure>>;
    readonly isExposed?: () => boolean;
    readonly disconnected?: ReadonlySet<string>;
    readonly answer?: () => Result<unknown, GatewayFailure>;
  } = {},
) {
  const clock = manualClock();
  const lifetime = createLifetime();
  const vault = options.vault ?? memoryVault();
  const processes = createEmitter<{ gatewayId: string; state: ProcessState }>();
  let process: ProcessState = { phase: 'stopped', sinceMs: 0 };
  const supervisor: Supervisor = {
    start: () => Promise.resolve(process),
    stop: () => Promise.resolve(),
    state: () => process,
    onState: processes.on,
    stopAll: () => Promise.resolve(),
    release: () => undefined,
  };
  const dials: Dial[] = [];
  let enrolments = 0;
  const fleet = createFleet({
    gateways: [config],
    lifetime,
    vault,
    supervisor,
    certificate: () => Promise.resolve('ab'.repeat(32)),
    isExposed: () => options.isExposed?.() ?? false,
    createWire: (wireOptions, events) => {
      const dial: Dial = { options: wireOptions, events, requests: [], closed: false };
      dials.push(dial);
      return {
        request: (method, params) => {
          dial.requests.push({ method, params });
          return Promise.resolve(options.answer?.() ?? ok({}));
        },
        close: () => {
          dial.closed = true;
        },
      };
    },
    identity: (gatewayId, address) => createDeviceIdentity(vault, gatewayId, address),
    enrol: () => {
      enrolments += 1;
      return options.enrol?.() ?? Promise.reject(new Error('no portal in this test'));
    },
    version: '0.0.0-test',
    clock,
    random: { id: () => 'id', unit: () => 1 },
    t: createTranslator('en'),
    isDisconnected: (id) => options.disconnected?.has(id) ?? false,
    logger: createLogger('test', () => clock.wallMs(), []),
  });
  onTestFinished(async () => {
    await lifetime.stop();
  });
  return {
    fleet,
    vault,
    clock,
    lifetime,
    dials,
    enrolments: () => enrolments,
    state: (): ConnectionState | undefined => fleet.views()[0]?.state,
    enterProcess: (state: ProcessState) => {
      process = state;
      processes.emit({ gatewayId: config.id, state });
    },
  };
}

/** The first dial, answered as a gateway does that issues a device token. */
async function connected(made: ReturnType<typeof fleetOf>): Promise<Dial> {
  const dial = await dialled(made, 1);
  dial.events.ready({ version: '1', protocol: 4, scopes: dial.options.scopes });
  dial.events.deviceTokenIssued('operator', { token: 'a device token', scopes: [] });
  return dial;
}

async function dialled({ dials }: ReturnType<typeof fleetOf>, count: number): Promise<Dial> {
  await expect.poll(() => dials.length).toBe(count);
  const dial = dials[count - 1];
  if (dial === undefined) throw new Error('not dialled');
  return dial;
}

/** Lets everything happen that waits for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a secret goes only to the address it was given for', () => {
  test('another address of a remote gateway finds no token, no device token and another key, and asks', async () => {
    const first = fleetOf({ ...lab, url: 'wss://lab.example' });
    await first.fleet.enterToken('lab', 'the token');
    first.fleet.start();
    const dial = await connected(first);
    expect(dial.options.token).toBe('the token');
    await settle();

    const moved = fleetOf({ ...lab, url: 'wss://elsewhere.example' }, { vault: first.vault });
    moved.fleet.start();
    const { options, events } = await dialled(moved, 1);
    expect(options).toMatchObject({ token: null, deviceToken: null });
    expect(options.deviceKey.deviceId).not.toBe(dial.options.deviceKey.deviceId);
    expect(await moved.fleet.token('lab')).toBe(null);
    events.ended({
      closeCode: 1008,
      reason: '',
      opened: true,
      error: {
        message: 'unauthorized',
        code: null,
        details: { code: 'AUTH_TOKEN_MISSING' },
        startupRetryMs: null,
        retryAfterMs: null,
      },
    });
    expect(moved.state()).toMatchObject({ phase: 'refused', reason: 'token-missing' });
  });

  test('the same address in another spelling finds them', async () => {
    const first = fleetOf({ ...lab, url: 'wss://lab.example' });
    await first.fleet.enterToken('lab', 'the token');
    first.fleet.start();
    await connected(first);
    await settle();
    const again = fleetOf({ ...lab, url: 'wss://LAB.example:443/path' }, { vault: first.vault });
    again.fleet.start();
    expect((await dialled(again, 1)).options).toMatchObject({
      token: 'the token',
      deviceToken: { token: 'a device token' },
    });
  });

  test('a portal that names another address gets the token of its answer and nothing of the first', async () => {
    const enrolAt = (url: string) => () => Promise.resolve(enrolment(url));
    const first = fleetOf(acme, { enrol: enrolAt('wss://one.example') });
    first.fleet.start();
    await connected(first);
    await settle();
    const moved = fleetOf(acme, { vault: first.vault, enrol: enrolAt('wss://two.example') });
    moved.fleet.start();
    expect((await dialled(moved, 1)).options).toMatchObject({
      url: 'wss://two.example',
      token: 'token for wss://two.example',
      deviceToken: null,
    });
    await moved.fleet.enterToken('acme', 'entered for two');
    expect(await first.fleet.token('acme')).toBe('token for wss://one.example');
  });

  test('before its portal named an address there is none to keep a token for', async () => {
    const made = fleetOf(acme);
    await made.fleet.enterToken('acme', 'the token');
    expect(await made.fleet.token('acme')).toBe(null);
    expect(made.vault.entries.size).toBe(0);
  });

  test('a gateway that serves other computers too is dialled with TLS, and must show its own certificate', async () => {
    let exposed = false;
    const made = fleetOf(home, { isExposed: () => exposed });
    made.fleet.start();
    made.enterProcess({ phase: 'running', sinceMs: 1, pid: 7, adopted: false });
    expect((await dialled(made, 1)).options).toMatchObject({
      url: 'ws://127.0.0.1:21000',
      tlsFingerprint: null,
    });
    exposed = true;
    await made.fleet.restart('home');
    expect((await dialled(made, 2)).options).toMatchObject({
      url: 'wss://127.0.0.1:21000',
      tlsFingerprint: 'ab'.repeat(32),
    });
  });

  test('a managed gateway keeps its token whatever its port, and only its running process gets it', async () => {
    const vault = memoryVault(new Map([['gateway-token:home', 'ours']]));
    const made = fleetOf({ ...home, port: 22000 }, { vault });
    made.fleet.start();
    made.enterProcess({
      phase: 'failed',
      sinceMs: 1,
      reason: 'port-in-use',
      detail: '127.0.0.1:22000',
      retryAtMs: 9,
    });
    made.fleet.reconnect('home');
    await settle();
    made.clock.advance(3_600_000);
    await settle();
    expect(made.dials).toHaveLength(0);
    expect(made.state()).toMatchObject({ phase: 'offline', reason: 'port-in-use' });
    made.enterProcess({ phase: 'running', sinceMs: 2, pid: 7, adopted: true });
    expect((await dialled(made, 1)).options.token).toBe('ours');
  });
});

describe('a gateway that a person disconnects', () => {
  test('withdraws its token if it will, and keeps nothing here: no token, no key, no connection', async () => {
    const disconnected = new Set<string>();
    const made = fleetOf({ ...lab, url: 'wss://lab.example' }, { disconnected });
    await made.fleet.enterToken('lab', 'the token');
    made.fleet.start();
    const dial = await connected(made);
    await settle();
    expect(made.vault.entries.size).toBe(3);
    disconnected.add('lab');
    const gone = made.fleet.disconnect('lab');
    expect(dial.closed).toBe(true);
    const asking = await dialled(made, 2);
    expect(asking.options.scopes).toContain('operator.pairing');
    asking.events.ready({ version: '1', protocol: 4, scopes: asking.options.scopes });
    expect(await gone).toEqual({ ok: true, value: null });
    expect(asking.requests).toEqual([
      {
        method: 'device.token.revoke',
        params: { deviceId: dial.options.deviceKey.deviceId, role: 'operator' },
      },
    ]);
    expect(asking.closed).toBe(true);
    expect([...made.vault.entries]).toEqual([]);
    expect(made.state()).toMatchObject({
      phase: 'refused',
      detail: expect.stringContaining('You disconnected it') as string,
    });

    made.fleet.reconnect('lab');
    await made.fleet.restart('lab');
    await settle();
    expect(made.dials).toHaveLength(2);
    expect(made.fleet.connection('lab')).toBe(undefined);

    disconnected.delete('lab');
    made.fleet.reconnect('lab');
    const again = await dialled(made, 3);
    expect(again.options).toMatchObject({ token: null, deviceToken: null });
    expect(again.options.deviceKey.deviceId).not.toBe(dial.options.deviceKey.deviceId);
  });

  test('is not dialled at the next start, nor asked for at its portal', async () => {
    const made = fleetOf(acme, {
      disconnected: new Set(['acme']),
      enrol: () => Promise.resolve(enrolment('wss://one.example')),
    });
    made.fleet.start();
    made.fleet.reconnect('acme');
    await settle();
    expect([made.enrolments(), made.dials.length, made.vault.entries.size]).toEqual([0, 0, 0]);
    expect(made.state()).toMatchObject({ phase: 'refused' });
  });

  test('says when it keeps the token', async () => {
    const refused = fail({
      kind: 'rejected',
      sent: true,
      code: 'FORBIDDEN',
      message: 'missing scope: operator.pairing',
      retryable: false,
    } as const);
    const made = fleetOf({ ...lab, url: 'wss://lab.example' }, { answer: () => refused });
    made.fleet.start();
    await connected(made);
    const gone = made.fleet.disconnect('lab');
    const asking = await dialled(made, 2);
    asking.events.ready({ version: '1', protocol: 4, scopes: asking.options.scopes });
    expect(await gone).toEqual(fail('missing scope: operator.pairing'));
  });

  test('does not wait for a gateway that grants no scope for it, or says nothing', async () => {
    const stingy = fleetOf({ ...lab, url: 'wss://lab.example' });
    stingy.fleet.start();
    await connected(stingy);
    const refused = stingy.fleet.disconnect('lab');
    const asking = await dialled(stingy, 2);
    asking.events.ready({ version: '1', protocol: 4, scopes: ['operator.read'] });
    expect((await refused).ok).toBe(false);
    expect(asking.requests).toEqual([]);

    const silent = fleetOf({ ...lab, url: 'wss://lab.example' });
    silent.fleet.start();
    await connected(silent);
    const unanswered = silent.fleet.disconnect('lab');
    await dialled(silent, 2);
    silent.clock.advance(5_000);
    expect((await unanswered).ok).toBe(false);
    expect([...silent.vault.entries]).toEqual([]);
  });

  test('and a managed one keeps the token that its process is started with', async () => {
    const vault = memoryVault(new Map([['gateway-token:home', 'ours']]));
    const made = fleetOf(home, { vault });
    made.fleet.start();
    made.enterProcess({ phase: 'running', sinceMs: 1, pid: 7, adopted: false });
    await connected(made);
    await settle();
    const gone = made.fleet.disconnect('home');
    const asking = await dialled(made, 2);
    asking.events.ready({ version: '1', protocol: 4, scopes: asking.options.scopes });
    await gone;
    expect([...vault.entries.keys()]).toEqual(['gateway-token:home']);
  });
});

test('whose key is of which domain comes from the settings, and the port of a process of ours is in it', async () => {
  const pins = (made: ReturnType<typeof fleetOf>) =>
    made.fleet.identities().map(({ pin, domain }) => [pin, domain]);
  expect(pins(fleetOf(home))).toEqual([
    ['process:home', 'personal'],
    ['origin:ws://loopback:21000', 'personal'],
  ]);
  const pinned = fleetOf({ ...lab, url: 'wss://lab.example', tlsFingerprint: 'ab'.repeat(32) });
  expect(pins(pinned)).toEqual([[`tls:${'ab'.repeat(32)}`, 'work']]);
  const elsewhere = { url: 'wss://lab.example', tlsFingerprint: 'cd'.repeat(32) };
  expect(pinned.fleet.pinOf('lab', elsewhere)).not.toBe(pinned.fleet.identities()[0]?.pin);

  const portal = fleetOf(acme, {
    enrol: () => Promise.resolve(enrolment('wss://one.example')),
  });
  expect(pins(portal)).toEqual([]);
  portal.fleet.start();
  await connected(portal);
  expect(pins(portal)).toEqual([['origin:wss://one.example:443', 'work']]);
});

describe('enrolment', () => {
  test('goes on one at a time, and not at all once it succeeded', async () => {
    const { promise, resolve } = Promise.withResolvers<Result<Enrolment, PortalFailure>>();
    const made = fleetOf(acme, { enrol: () => promise });
    made.fleet.start();
    made.fleet.reconnect('acme');
    expect(made.enrolments()).toBe(1);
    resolve(enrolment('wss://one.example'));
    await connected(made);
    made.fleet.reconnect('acme');
    await settle();
    expect(made.enrolments()).toBe(1);
    expect(made.state()).toMatchObject({ phase: 'ready' });
  });

  test('a refusal waits for a person, who may try again', async () => {
    const made = fleetOf(acme, {
      enrol: () => Promise.resolve(fail({ kind: 'refused', detail: 'not that code' })),
    });
    made.fleet.start();
    await expect.poll(made.state).toMatchObject({ phase: 'refused', reason: 'signed-out' });
    made.clock.advance(3_600_000);
    expect(made.enrolments()).toBe(1);
    made.fleet.reconnect('acme');
    expect(made.enrolments()).toBe(2);
  });

  test('a throw is told in words without what was thrown, and tried again', async () => {
    const made = fleetOf(acme, { enrol: () => Promise.reject(new Error('Bearer the-code')) });
    made.fleet.start();
    await expect.poll(made.state).toMatchObject({ phase: 'offline', reason: 'portal' });
    expect(JSON.stringify(made.state())).not.toContain('the-code');
    made.clock.advance(1_000);
    expect(made.enrolments()).toBe(2);
  });

  test('what ends while the token is being kept connects nothing any more', async () => {
    const vault = memoryVault();
    const kept = Promise.withResolvers<undefined>();
    const made = fleetOf(acme, {
      vault: {
        ...vault,
        set: async (name, value) => {
          await kept.promise;
          await vault.set(name, value);
        },
      },
      enrol: () => Promise.resolve(enrolment('wss://one.example')),
    });
    made.fleet.start();
    await settle();
    await made.lifetime.stop();
    kept.resolve(undefined);
    await settle();
    expect(vault.entries.size).toBe(1);
    expect(made.fleet.connection('acme')).toBe(undefined);
    expect(made.dials).toHaveLength(0);
  });
});
