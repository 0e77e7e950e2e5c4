import { describe, expect, test } from 'vitest';

import { fail, ok } from '../base/index.ts';
import { memoryVault } from '../gateways/testing/memory-vault.ts';
import { appError, createTranslator, emptyPairForm } from '../shared/index.ts';
import type { PairForm } from '../shared/index.ts';
import { parseSettings } from '../store/index.ts';
import type { Settings } from '../store/index.ts';
import { memorySettingsFile } from '../store/testing/memory-stores.ts';
import type { JoinContent } from './pair-join.ts';
import { createPairSetup } from './pair-setup.ts';
import { vaultNameOf } from './pair-secrets.ts';
import type { PairTest } from './ports.ts';

const model = { provider: 'echo', baseUrl: 'http://127.0.0.1:9000/v1', id: 'echo' };
const start = settingsOf({
  gateways: [
    { id: 'den', name: 'Den', domain: 'personal', kind: 'managed', port: 18_789, model },
    { id: 'lab', name: 'Lab', domain: 'work', kind: 'managed', port: 18_909 },
  ],
  rules: [
    {
      id: 'r1',
      name: 'From the den',
      when: { kind: 'pane', pane: 'den' },
      then: 'personal',
    },
  ],
});

const local: PairForm = {
  ...emptyPairForm,
  gatewayId: 'den',
  secondName: 'Den standby',
  name: 'Den pair',
  consent: true,
};
const distant: PairForm = {
  ...local,
  place: 'two-computers',
  second: 'elsewhere',
  secondName: 'Attic',
  secondUrl: 'wss://attic.home.lan:18789',
  hereAddress: '10.0.0.11',
  thereAddress: '10.0.0.12',
  witnessHost: '10.0.0.5',
  dns: 'pihole',
  dnsName: 'Gateway.home.lan',
  piholeUrl: 'http://10.0.0.5',
};

function settingsOf(content: object): Settings {
  const parsed = parseSettings(JSON.stringify({ version: 1, ...content }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function setupWith(
  options: {
    readonly settings?: Settings;
    readonly waiting?: Record<string, number>;
    readonly certificate?: null;
    readonly hasGit?: true;
  } = {},
) {
  const settings = memorySettingsFile(options.settings ?? start);
  const vault = memoryVault();
  const written: { folder: string; files: readonly { name: string; text: string }[] }[] = [];
  const offers: {
    readonly content: JoinContent;
    readonly address: string;
    readonly end: (how: 'taken' | 'guessed' | 'expired') => void;
  }[] = [];
  const tests: PairTest[] = [];
  const backedUp: (readonly string[])[] = [];
  let disk: 'room' | 'full' = 'room';
  const setup = createPairSetup({
    settings,
    vault,
    host: {
      addresses: () => ['10.0.0.11'],
      hasGit: () => Promise.resolve(options.hasGit === true),
      portIsFree: (port) => Promise.resolve(port !== 19_029), // 18789 and 18909 are taken by the settings
      test: (tried) => {
        tests.push(tried);
        return Promise.resolve([{ ok: true, words: 'works' }]);
      },
      offer: (content, address, ended) => {
        offers.push({ content, address, end: ended });
        return Promise.resolve({
          code: '7K2Q9M4XPD0R',
          port: 18_972,
          lastsMs: 600_000,
          close: () => {
            offers.pop();
          },
        });
      },
      writeJoin: (folder, files) => {
        written.push({ folder, files });
        return Promise.resolve(`/profile/join/${folder}`);
      },
    },
    random: { id: () => 'abcd-ef', unit: () => 0 },
    t: createTranslator('en'),
    backups: {
      make: (gatewayIds) => {
        backedUp.push(gatewayIds);
        // What the settings say meanwhile is what they said before.
        expect(settings.current().pairs).toEqual((options.settings ?? start).pairs);
        return Promise.resolve(
          disk === 'room' ? ok(null) : fail(appError('storage', 'the disk is full')),
        );
      },
    },
    waiting: (paneId) => options.waiting?.[paneId] ?? 0,
    certificate: () => Promise.resolve(options.certificate === undefined ? 'ab'.repeat(32) : null),
    token: (gatewayId) => Promise.resolve(gatewayId === 'attic' ? 'attic-token' : 'own-token'),
  });
  return {
    setup,
    settings,
    vault,
    written,
    tests,
    backedUp,
    offers,
    fillDisk: () => {
      disk = 'full';
    },
  };
}

describe('a pair on this computer', () => {
  test('gets a standby with the model of the first, on a port that is free and far enough', async () => {
    const { setup, settings } = setupWith();
    expect(await setup.save(local)).toEqual({ ok: true, value: { pairId: 'den-pair' } });
    const saved = settings.current();
    expect(saved.gateways.at(-1)).toEqual({
      id: 'den-standby',
      name: 'Den standby',
      domain: 'personal',
      kind: 'managed',
      port: 19_149,
      model,
    });
    expect(saved.pairs).toEqual([
      {
        id: 'den-pair',
        name: 'Den pair',
        primary: 'den',
        standby: 'den-standby',
        profile: 'default',
        preempt: null,
        plugin: true,
        workspace: { kind: 'sync' },
        place: { kind: 'this-computer' },
      },
    ]);
    // What the app writes, a person could have written.
    expect(parseSettings(JSON.stringify(saved))).toMatchObject({ ok: true });
  });

  test('takes the rules of its members along, and wakes one that rested', async () => {
    const { setup, settings } = setupWith({ settings: { ...start, resting: ['den'] } });
    await setup.save(local);
    expect(settings.current().rules[0]?.when).toEqual({ kind: 'pane', pane: 'den-pair' });
    expect(settings.current().resting).toBeUndefined();
  });

  test('begins with a backup of the gateways that are there, and with none of a new one', async () => {
    const { setup, backedUp } = setupWith();
    await setup.save(local);
    expect(backedUp).toEqual([['den']]);
  });

  test('changes nothing without a backup, unless the person said that it needs none', async () => {
    const { setup, settings, backedUp, fillDisk } = setupWith();
    fillDisk();
    expect(await setup.save(local)).toMatchObject({
      ok: false,
      error: { message: 'the disk is full' },
    });
    expect(settings.current()).toEqual(start);
    expect(await setup.save({ ...local, noBackup: true })).toMatchObject({ ok: true });
    expect(backedUp).toHaveLength(1);
  });

  test.each([
    ['without consent', { ...local, consent: false }, 'Without the plugin'],
    ['with a name that is taken', { ...local, name: 'den' }, 'in use already'],
    ['with git where there is none', { ...local, files: 'git' }, 'not installed'],
    ['with a gateway that went', { ...local, gatewayId: 'cellar' }, 'not there any more'],
  ] as const)('is not saved %s', async (_words, form, message) => {
    const { setup, settings } = setupWith();
    expect(await setup.save(form)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(message) as string },
    });
    expect(settings.current()).toEqual(start);
  });

  test('keeps the files in step in the way that was chosen', async () => {
    const { setup, settings } = setupWith({ hasGit: true });
    await setup.save({ ...local, files: 'git', gitRemote: ' home ' });
    expect(settings.current().pairs[0]?.workspace).toEqual({ kind: 'git', remote: 'home' });
  });

  test('strands no message: while one waits in a member’s pane, nothing changes', async () => {
    const { setup, settings } = setupWith({ waiting: { den: 2 } });
    expect(await setup.save(local)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('2 messages') as string },
    });
    expect(settings.current()).toEqual(start);
  });
});

describe('a pair on two computers', () => {
  test('keeps its secrets in the vault alone, under the place they are for', async () => {
    const { setup, settings, vault } = setupWith();
    setup.enter('register', distant, 'witness-secret');
    setup.enter('dns', distant, 'pihole-secret');
    expect(await setup.save(distant)).toMatchObject({ ok: true });
    const { pairs } = settings.current();
    expect(JSON.stringify(settings.current())).not.toContain('-secret');
    expect(pairs[0]?.place).toMatchObject({
      register: { kind: 'witness', host: '10.0.0.5', port: 18_971 },
      dns: [{ kind: 'pihole', name: 'gateway.home.lan', url: 'http://10.0.0.5' }],
    });
    const stored = async (id: string): Promise<string | null> =>
      vault.get(vaultNameOf(id, pairs) ?? '');
    expect(await stored('pair/den-pair/register')).toBe('witness-secret');
    expect(await stored('pair/den-pair/dns/0')).toBe('pihole-secret');
    expect(await stored('pair/den-pair/peer')).toBe('abcdefabcdef');
    expect(vaultNameOf('den', pairs)).toBeNull();
  });

  test('does not give a secret to another place than it was entered for', async () => {
    const { setup, tests } = setupWith();
    setup.enter('register', distant, 'witness-secret');
    const moved = { ...distant, witnessHost: '10.0.0.66' };
    expect(await setup.test('register', moved)).toMatchObject({
      ok: false,
      error: { message: 'Enter the secret of the register first.' },
    });
    expect(tests).toEqual([]);
    expect(await setup.save(moved)).toMatchObject({ ok: false });
    expect(await setup.test('register', distant)).toMatchObject({ ok: true });
    expect(tests).toMatchObject([
      {
        part: 'register',
        pairId: 'den-pair',
        register: { host: '10.0.0.5' },
        secret: 'witness-secret',
      },
    ]);
  });

  test('forgets the secrets again when the settings cannot be written', async () => {
    const { setup, settings, vault } = setupWith();
    const kept: string[] = [];
    const set = vault.set.bind(vault);
    vault.set = (name, value) => {
      kept.push(name);
      return set(name, value);
    };
    setup.enter('register', distant, 'witness-secret');
    setup.enter('dns', distant, 'pihole-secret');
    settings.breakWith([{ line: 1, column: 1, path: '', message: 'odd' }]);
    expect(await setup.save(distant)).toMatchObject({ ok: false });
    expect(kept).toHaveLength(3);
    expect(await Promise.all(kept.map((name) => vault.get(name)))).toEqual([null, null, null]);
  });

  test('writes for the other computer what its guardian accepts, secrets in files of their own', async () => {
    const { setup, written } = setupWith();
    setup.enter('register', distant, 'witness-secret');
    setup.enter('dns', distant, 'pihole-secret');
    await setup.save(distant);
    const joined = await setup.join('den-pair');
    expect(joined).toMatchObject({
      ok: true,
      value: { folder: '/profile/join/switchyard-den-pair' },
    });
    const files = new Map(written[0]?.files.map(({ name, text }) => [name, text]));
    expect(files.get('secrets/register')).toBe('witness-secret');
    expect(files.get('secrets/token-attic')).toBe('attic-token');
    const config = files.get('guardian.json') ?? '';
    expect(config).not.toMatch(/-secret|-token"/u);
    expect(JSON.parse(config)).toMatchObject({
      pairs: [
        {
          local: 'standby',
          primary: { id: 'den', url: 'wss://10.0.0.11:18789' },
          standby: { id: 'attic', url: 'ws://127.0.0.1:18789' },
          peer: {
            listen: { host: '10.0.0.12', port: 18_970 },
            connect: { host: '10.0.0.11', port: 18_970 },
          },
        },
      ],
    });
  });
});

describe('a pairing code', () => {
  test('gives what the files would, but no token, and says how it ended', async () => {
    const { setup, offers } = setupWith();
    setup.enter('register', distant, 'witness-secret');
    setup.enter('dns', distant, 'pihole-secret');
    await setup.save(distant);
    const ends: string[] = [];
    const offered = await setup.offer('den-pair', (words) => ends.push(words));
    expect(offered).toEqual({
      ok: true,
      value: { code: '7K2Q-9M4X-PD0R', place: '10.0.0.11', minutes: 10 },
    });
    const [offer] = offers;
    expect(offer?.address).toBe('10.0.0.11');
    const files = new Map(offer?.content.files.map(({ name, text }) => [name, text]));
    expect(files.get('secrets/register')).toBe('witness-secret');
    expect(files.get('secrets/token-attic')).toBe('');
    expect(JSON.stringify(offer?.content)).not.toMatch(/-token"|scp/u);
    offer?.end('guessed');
    expect(ends).toEqual([expect.stringContaining('wrong pairing codes')]);
  });

  test('takes the one before back', async () => {
    const { setup, offers } = setupWith();
    setup.enter('register', distant, 'witness-secret');
    setup.enter('dns', distant, 'pihole-secret');
    await setup.save(distant);
    await setup.offer('den-pair', () => undefined);
    await setup.offer('den-pair', () => undefined);
    expect(offers).toHaveLength(1);
  });
});

describe('certificates of a pair on two computers', () => {
  const pinned = { ...distant, dns: 'none', secondFingerprint: ` ${'cd'.repeat(32)} ` } as const;

  test('are told to both sides', async () => {
    const { setup, settings, written } = setupWith();
    setup.enter('register', pinned, 'witness-secret');
    await setup.save(pinned);
    expect(settings.current().gateways.at(-1)).toMatchObject({ tlsFingerprint: 'cd'.repeat(32) });
    await setup.join('den-pair');
    const config = written[0]?.files.find(({ name }) => name === 'guardian.json')?.text ?? '';
    expect(JSON.parse(config)).toMatchObject({
      pairs: [
        {
          primary: { tls: { fingerprint: 'ab'.repeat(32) } },
          standby: { url: 'wss://127.0.0.1:18789', tls: { fingerprint: 'cd'.repeat(32) } },
        },
      ],
    });
  });

  test('are waited for: nothing is written before the gateway here has its own', async () => {
    const { setup, written } = setupWith({ certificate: null });
    setup.enter('register', pinned, 'witness-secret');
    await setup.save(pinned);
    expect(await setup.join('den-pair')).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('not made its certificate yet') as string },
    });
    expect(written).toEqual([]);
  });
});
