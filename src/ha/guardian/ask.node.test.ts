import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createLogger, systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { writeGuardianConfig } from '../config.node.ts';
import { fakeGateways } from '../testing/fake-gateways.ts';
import { checkedConfig, homePair } from '../testing/pair-config.ts';
import { openSocketClient } from '../testing/socket-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { exitCodes } from './exit-codes.ts';
import { startGuardian } from './guardian.node.ts';
import { protocolVersion } from './protocol.ts';

const entry = fileURLToPath(new URL('./guardian-main.node.ts', import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [entry, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [out, error, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    exited,
  ]);
  return { code, out, error };
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text;
}

function writeConfig(folder = temporaryFolder()) {
  const path = join(folder, 'guardian.json');
  const input = {
    version: 1 as const,
    stateDir: join(folder, 'state'),
    socket: join(folder, 'run', 'guardian.sock'),
    pairs: [homePair({ everyMs: 100, confirmEveryMs: 20, turnEveryMs: 1_000, startGraceMs: 0 })],
  };
  writeGuardianConfig(path, input);
  return { path, config: checkedConfig(input) };
}

/** A guardian of two well gateways in this process, ready to hand over. */
async function guard(config: ReturnType<typeof checkedConfig>): Promise<void> {
  const started = await startGuardian(config, {
    clock: systemClock(),
    random: systemRandom(),
    logger: createLogger('test', Date.now, []),
    environment: {},
    openParts: fakeGateways().openParts,
    onEvent: () => undefined,
  });
  if (!started.ok) throw new Error(started.error.words);
  onTestFinished(() => started.value.stop());
  const client = await openSocketClient(config.socket);
  client.say({ type: 'hello', protocol: protocolVersion });
  await client.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
  client.close();
}

describe('asking the guardian from a terminal', () => {
  it('prints who is active, for people and for programs', async () => {
    const { path, config } = writeConfig();
    await guard(config);
    const shown = await run(['status', '--config', path]);
    expect(shown).toMatchObject({ code: exitCodes.ended, error: '' });
    expect(shown.out).toContain('Home (home): home-a is active, epoch 1');
    expect(shown.out).toContain('cover     protected');
    const { out } = await run(['status', '--json', '--config', path]);
    expect(JSON.parse(out)).toMatchObject([{ id: 'home', activeId: 'home-a' }]);
  });

  it('hands over, holds, and is refused with the reason', async () => {
    const { path, config } = writeConfig();
    await guard(config);
    const handed = await run(['hand-over', '--config', path]);
    expect(handed).toEqual({
      code: exitCodes.ended,
      out: 'Home B is active (epoch 2).\n',
      error: '',
    });
    expect(await run(['hold', '--config', path, '--pair', 'home'])).toMatchObject({
      code: exitCodes.ended,
    });
    const nobody = await run(['hold', '--config', path, '--pair', 'work']);
    expect(nobody).toMatchObject({ code: exitCodes.refused, out: '' });
    expect(nobody.error).toContain('“work”');
  });

  it('drills, tells each step as it goes, and prints the table at the end', async () => {
    const { path, config } = writeConfig();
    await guard(config);
    const drilled = await run(['drill', '--config', path]);
    expect(drilled.code).toBe(exitCodes.ended);
    expect(drilled.error).toMatch(
      /^passed: Home B answers a whole turn\npassed: Both have the same conversations\npassed: Home A hands over to Home B\n/u,
    );
    expect(drilled.out).toMatch(/^Drill of Home, [^]+\nPassed: [^\n]+\n$/u);
    const idle = await run(['end-drill', '--config', path]);
    expect(idle).toEqual({ code: exitCodes.refused, out: '', error: 'No drill runs.\n' });
  });

  it('says so when no guardian runs', async () => {
    const { path } = writeConfig();
    const asked = await run(['status', '--config', path]);
    expect(asked.code).toBe(exitCodes.unavailable);
    expect(asked.error).toContain('No guardian listens');
  });

  it('prints a service, and installs it where it does not overwrite another', async () => {
    const folder = temporaryFolder();
    const { path } = writeConfig(folder);
    const home = { XDG_CONFIG_HOME: join(folder, 'config') };
    const printed = await run(['units', '--print', 'systemd', '--config', path]);
    expect(printed.code).toBe(exitCodes.ended);
    expect(printed.out).toContain(`"--config" "${path}" "--watch" "--wait"`);

    const unit = join(folder, 'config/systemd/user/switchyard-guardian.service');
    const installed = await run(['units', '--install', 'systemd', '--config', path], home);
    expect(installed.out).toContain('systemctl --user');
    expect(readFileSync(unit, 'utf8')).toBe(printed.out);

    const other = writeConfig(temporaryFolder());
    const refused = await run(['units', '--install', 'systemd', '--config', other.path], home);
    expect(refused.code).toBe(exitCodes.refused);
    expect(readFileSync(unit, 'utf8')).toBe(printed.out);
    expect(existsSync(`${unit}.new`)).toBe(false);
  });
});
