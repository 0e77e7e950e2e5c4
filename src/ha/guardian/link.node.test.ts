import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

import { createLogger, delay, systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { writeGuardianConfig } from '../config.node.ts';
import type { GuardianConfigInput } from '../config.ts';
import { attachGuardian } from './link.node.ts';
import type { AttachOptions, GuardianLink, GuardianLinkEvent } from './link.node.ts';
import { encodeMessage, protocolVersion } from './protocol.ts';
import { homePair } from '../testing/pair-config.ts';
import { openSocketClient } from '../testing/socket-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

interface World {
  readonly config: GuardianConfigInput;
  readonly options: AttachOptions;
}

/** A profile whose gateways do not run; the standby's token comes from the app. */
function world(): World {
  const folder = temporaryFolder();
  const pair = homePair({ everyMs: 100 });
  const config: GuardianConfigInput = {
    version: 1,
    stateDir: join(folder, 'state'),
    socket: join(folder, 'run', 'guardian.sock'),
    pairs: [
      {
        ...pair,
        primary: { ...pair.primary, url: 'ws://127.0.0.1:9' },
        standby: { ...pair.standby, url: 'ws://127.0.0.1:10', token: { app: true } },
      },
    ],
  };
  const configPath = join(folder, 'guardian.json');
  writeGuardianConfig(configPath, config);
  const clock = systemClock();
  const options: AttachOptions = {
    node: process.execPath,
    entry: fileURLToPath(new URL('./guardian-main.node.ts', import.meta.url)),
    configPath,
    socket: config.socket,
    logPath: join(folder, 'log', 'guardian.log'),
    credentials: async () => 'swordfish-not-to-be-seen',
    clock,
    random: systemRandom(),
    logger: createLogger('test', clock.wallMs, []),
  };
  return { config, options };
}

interface Watched {
  readonly link: GuardianLink;
  readonly events: readonly GuardianLinkEvent[];
  next<K extends GuardianLinkEvent['kind']>(
    kind: K,
    fits?: (event: Extract<GuardianLinkEvent, { kind: K }>) => boolean,
  ): Promise<Extract<GuardianLinkEvent, { kind: K }>>;
}

function attach(options: AttachOptions): Watched {
  const link = attachGuardian(options);
  onTestFinished(() => link.shutdown());
  const events: GuardianLinkEvent[] = [];
  const waiting = new Set<() => void>();
  link.on((event) => {
    events.push(event);
    for (const look of waiting) look();
  });
  return {
    link,
    events,
    next: (kind, fits = () => true) =>
      new Promise((resolve) => {
        type Wanted = Extract<GuardianLinkEvent, { kind: typeof kind }>;
        const from = events.length;
        const look = (): void => {
          const found = events
            .slice(from)
            .find((event): event is Wanted => event.kind === kind && fits(event as Wanted));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
      }),
  };
}

async function pidOf(socket: string): Promise<number> {
  const client = await openSocketClient(socket);
  client.say({ type: 'hello', protocol: protocolVersion });
  const { pid } = await client.next('hello');
  client.close();
  return pid;
}

it('starts a guardian that stays when the app goes, attaches to it again, and ends it when asked', async () => {
  const { options } = world();
  const first = attach(options);
  const { pairs } = await first.next('status');
  expect(pairs).toMatchObject([{ id: 'home', primaryId: 'home-a', standbyId: 'home-b' }]);
  const pid = await pidOf(options.socket);
  await first.link.stop();
  expect(await pidOf(options.socket)).toBe(pid);

  const second = attach(options);
  await second.next('status');
  expect(await pidOf(options.socket)).toBe(pid);
  await second.link.shutdown();
  await expect(openSocketClient(options.socket)).rejects.toThrow();
  expect(() => process.kill(pid, 0)).toThrow();
});

it('tells when the guardian dies, and starts another', async () => {
  const { options } = world();
  const app = attach(options);
  await app.next('status');
  const pid = await pidOf(options.socket);
  const detached = app.next('detached');
  process.kill(pid, 'SIGKILL');
  await detached;
  await app.next('status');
  expect(await pidOf(options.socket)).not.toBe(pid);
});

it('replaces a guardian that runs another configuration', async () => {
  const { config, options } = world();
  const before = attach(options);
  await before.next('status');
  const pid = await pidOf(options.socket);
  await before.link.stop();

  writeGuardianConfig(options.configPath, {
    ...config,
    pairs: [{ ...config.pairs[0]!, name: 'Home, renamed' }],
  });
  const after = attach(options);
  const { pairs } = await after.next('status');
  expect(pairs[0]?.name).toBe('Home, renamed');
  expect(await pidOf(options.socket)).not.toBe(pid);
  expect(after.events.map((event) => event.kind)).not.toContain('detached');
});

it('hands over the tokens that the guardian wants, which are then neither in its log nor in its state', async () => {
  const { config, options } = world();
  const tokens = new Map<string, string>();
  const app = attach({
    ...options,
    credentials: async (gatewayId) => tokens.get(gatewayId) ?? null,
  });
  await app.next('status');
  // Without a token it cannot look; with one it finds that nothing listens there.
  const looked = app.next('status', ({ pairs }) =>
    pairs[0]!.checks.some((check) => check.gatewayId === 'home-b' && check.depth === 'tcp'),
  );
  tokens.set('home-b', 'swordfish-not-to-be-seen');
  app.link.refreshCredentials();
  await looked;
  await app.link.shutdown();
  const kept = readdirSync(config.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(kept).not.toEqual([]);
  for (const path of [options.logPath, options.configPath, ...kept])
    expect(readFileSync(path, 'utf8')).not.toContain('swordfish');
  expect(statSync(options.logPath).mode & 0o777).toBe(0o600);
});

it('passes commands on, and answers each of them', async () => {
  const { options } = world();
  const app = attach(options);
  expect(await app.link.command('home', 'hold')).toMatchObject({ ok: false }); // not attached yet
  await app.next('status');
  expect(await app.link.command('home', 'hold')).toMatchObject({ ok: true });
  await app.next('status', ({ pairs }) => pairs[0]?.hold === true);
  const refused = await app.link.command('home', 'drill');
  expect(refused).toEqual({ ok: false, error: expect.stringContaining('No drill now') as string });
  expect(await app.link.command('work', 'hold')).toMatchObject({ ok: false });
});

it('gives a guardian that runs without a watchdog one', async () => {
  const { options } = world();
  const alone = spawn(process.execPath, [options.entry, '--config', options.configPath], {
    stdio: 'ignore',
  });
  onTestFinished(() => void alone.kill('SIGKILL'));
  // It has to listen before the app looks, or the app starts one of its own, with a watchdog.
  const pid = alone.pid ?? 0;
  while ((await pidOf(options.socket).catch(() => null)) !== pid) await delay(options.clock, 20);
  const app = attach(options);
  await app.next('status');
  while (
    !existsSync(options.logPath) ||
    !readFileSync(options.logPath, 'utf8').includes('watchdog')
  )
    await delay(options.clock, 50);
  const again = app.next('detached').then(() => app.next('status'));
  process.kill(pid, 'SIGKILL');
  await again;
  expect(await pidOf(options.socket)).not.toBe(pid);
});

it('gives no token to something that does not run our configuration', async () => {
  const { config, options } = world();
  mkdirSync(dirname(config.socket), { recursive: true, mode: 0o700 });
  const heard = await new Promise<string>((resolve) => {
    let text = '';
    const impostor: Server = createServer((socket) => {
      socket.write(
        encodeMessage({
          type: 'hello',
          protocol: protocolVersion,
          pid: 999_999_999,
          configHash: 'another',
          wants: ['home-b'],
          watched: true,
        }),
      );
      socket.on('data', (part) => {
        text += String(part);
        if (!text.includes('stop')) return;
        socket.destroy();
        resolve(text);
      });
    });
    onTestFinished(() => void impostor.close());
    impostor.listen(config.socket, () => {
      const link = attachGuardian(options);
      onTestFinished(() => link.stop());
    });
  });
  expect(heard).toBe(
    encodeMessage({ type: 'hello', protocol: protocolVersion }) + encodeMessage({ type: 'stop' }),
  );
});

it('says what is wrong when no guardian can be started', async () => {
  const { options } = world();
  const noProgram = attach({ ...options, node: join(dirname(options.configPath), 'no-such-node') });
  expect((await noProgram.next('detached')).reason).toContain('could not be started');
  await noProgram.link.stop();
  writeFileSync(options.configPath, '{"version":1}');
  const badConfig = attach(options);
  expect((await badConfig.next('detached')).reason).toContain('guardian.json: stateDir');
});

it('is silent after it was stopped', async () => {
  const { options } = world();
  const app = attach(options);
  await app.next('status');
  await app.link.stop();
  const count = app.events.length;
  process.kill(await pidOf(options.socket), 'SIGTERM');
  await app.link.shutdown();
  expect(app.events).toHaveLength(count);
});
