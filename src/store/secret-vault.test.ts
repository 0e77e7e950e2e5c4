import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { beforeEach, describe, expect, it } from 'vitest';

import { createLogger, type LogEntry } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import { openVault, type Keyring } from './secret-vault.node.ts';

function memoryKeyring(): Keyring & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getPassword: (service, account) =>
      Promise.resolve(entries.get(`${service} ${account}`) ?? null),
    setPassword: (service, account, password) => {
      entries.set(`${service} ${account}`, password);
      return Promise.resolve();
    },
    deletePassword: (service, account) => Promise.resolve(entries.delete(`${service} ${account}`)),
  };
}

describe('secret vault', () => {
  let entries: LogEntry[];
  const logger = createLogger('test', () => 0, [(entry) => entries.push(entry)]);
  beforeEach(() => {
    entries = [];
  });

  it('keeps secrets in the keyring, apart for each profile, and leaves no probe behind', async () => {
    const keyring = memoryKeyring();
    const loadKeyring = () => Promise.resolve(keyring);
    const one = await openVault('/home/one', logger, { loadKeyring });
    const two = await openVault('/home/two', logger, { loadKeyring });
    expect(one.kind).toBe('keyring');
    expect(keyring.entries.size).toBe(0);
    await one.set('gateway-token:home', 'first');
    await two.set('gateway-token:home', 'second');
    const again = await openVault('/home/one/', logger, { loadKeyring });
    expect(await again.get('gateway-token:home')).toBe('first');
    await again.delete('gateway-token:home');
    expect([...keyring.entries.values()]).toEqual(['second']);
  });

  it.each<[string, () => Promise<Keyring>, string]>([
    [
      'cannot be loaded',
      () => Promise.reject(new Error('libsecret-1.so.0: cannot open')),
      'libsecret-1.so.0',
    ],
    [
      'refuses to write',
      () =>
        Promise.resolve({
          ...memoryKeyring(),
          setPassword: () => Promise.reject(new Error('no D-Bus session')),
        }),
      'no D-Bus session',
    ],
    [
      'forgets',
      () => Promise.resolve({ ...memoryKeyring(), getPassword: () => Promise.resolve(null) }),
      'did not give back',
    ],
  ])('works in memory and says why when the keyring %s', async (_name, loadKeyring, reason) => {
    const vault = await openVault('/home/one', logger, { loadKeyring });
    expect([vault.kind, vault.detail]).toEqual(['memory', expect.stringContaining(reason)]);
    await vault.set('name', 'value');
    expect(await vault.get('name')).toBe('value');
    await vault.delete('name');
    expect(await vault.get('name')).toBeNull();
  });

  it('gives up on a locked keyring after three seconds', async () => {
    const clock = manualClock();
    const opening = openVault('/home/one', logger, {
      clock,
      loadKeyring: () =>
        Promise.resolve({
          ...memoryKeyring(),
          setPassword: () => new Promise<void>(() => undefined),
        }),
    });
    clock.advance(3_000);
    expect((await opening).detail).toContain('may be locked');
  });

  it('keeps what was set in this run when the keyring fails later, and says no secret in the log', async () => {
    const keyring = memoryKeyring();
    let broken = false;
    const vault = await openVault('/home/one', logger, {
      loadKeyring: () =>
        Promise.resolve({
          ...keyring,
          setPassword: (service: string, account: string, password: string) =>
            broken
              ? Promise.reject(new Error('gone'))
              : keyring.setPassword(service, account, password),
          getPassword: (service: string, account: string) =>
            broken ? Promise.reject(new Error('gone')) : keyring.getPassword(service, account),
        }),
    });
    broken = true;
    await vault.set('gateway-token:home', 'hunter2hunter2');
    expect(await vault.get('gateway-token:home')).toBe('hunter2hunter2');
    expect(await vault.get('gateway-token:other')).toBeNull();
    expect(entries.map((entry) => entry.message)).toEqual([
      'the keyring failed',
      'the keyring failed',
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/hunter2|gateway-token/u);
  });
});

// The Secret Service is Linux's keyring; elsewhere there is no way to have one apart from the person's own.
const onLinux = process.platform === 'linux' ? describe : () => undefined;

onLinux('secret vault on a real keyring', () => {
  const script = fileURLToPath(new URL('./testing/keyring-check.node.ts', import.meta.url));

  it('survives the process that wrote it', () => {
    // A session bus and a keyring of their own; the set-up installs both programs on Linux.
    const session = `mkdir -p "$HOME" && printf 'pw' | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "$NODE" "$SCRIPT" write && "$NODE" "$SCRIPT" read`;
    const home = `${process.env['TMPDIR'] ?? '/tmp'}/switchyard-keyring-${process.pid}`;
    const run = spawnSync(
      'dbus-run-session',
      ['--', 'sh', '-c', `${session}; code=$?; rm -rf "$HOME"; exit $code`],
      {
        encoding: 'utf8',
        timeout: 50_000,
        env: {
          PATH: process.env['PATH'],
          HOME: home,
          XDG_RUNTIME_DIR: home,
          XDG_DATA_HOME: home,
          NODE: process.execPath,
          SCRIPT: script,
        },
      },
    );
    expect(run.error).toBeUndefined();
    expect(`${run.stdout}${run.status === 0 ? '' : run.stderr}`).toBe(
      'keyring: wrote\nkeyring: read across the line 😀\n',
    );
  });
});
