import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { hmacSha256 } from '../register/hmac.node.ts';
import { openUdp } from '../register/wire.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { parseWitnessConfig } from './config.ts';
import { witnessRegister } from './witness-register.ts';

const secret = 'a secret of this pair alone';
const record = { epoch: 1, holder: 'home-a', ctr: 1, addr: '' };

type Child = ChildProcessByStdio<null, Readable, Readable>;

function spawnWitness(config: unknown, args?: readonly string[]): Child {
  const path = join(temporaryFolder(), 'witness.json');
  writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config));
  const moduleUrl = JSON.stringify(new URL('./run-witness.node.ts', import.meta.url).href);
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { runWitness } from ${moduleUrl}; process.exit(await runWitness(process.argv.slice(1)));`,
      '--',
      ...(args ?? ['--config', path]),
    ],
    { env: { ...process.env, HOME_SECRET: secret }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function nextLine(child: Child): Promise<Record<string, unknown>> {
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return JSON.parse(line) as Record<string, unknown>;
}

async function ending(child: Child): Promise<{ code: number | null; words: string }> {
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, words };
}

function configFor(stateDir: string, port = 0): Record<string, unknown> {
  return {
    version: 1,
    listen: { host: '127.0.0.1', port },
    stateDir,
    pairs: [{ id: 'home', secret: { env: 'HOME_SECRET' } }],
  };
}

function open(port: number) {
  return witnessRegister(
    {
      host: '127.0.0.1',
      port,
      pair: 'home',
      secret: async () => ({ ok: true, value: secret }),
      timeoutMs: 5000,
    },
    {
      clock: systemClock(),
      random: systemRandom(),
      openDatagrams: openUdp,
      makeHmac: hmacSha256,
    },
  );
}

describe('the witness as a program', () => {
  it('keeps what it acknowledged when it is killed, and ends in order when it is asked to', async () => {
    const stateDir = temporaryFolder();
    const killed = spawnWitness(configFor(stateDir));
    const { port } = (await nextLine(killed)) as { port: number };
    expect(await open(port).compareAndSwap(null, record)).toEqual({ kind: 'swapped' });
    const dead = once(killed, 'exit');
    killed.kill('SIGKILL');
    await dead;
    const again = spawnWitness(configFor(stateDir));
    const started = await nextLine(again);
    expect(started).toMatchObject({ type: 'started', host: '127.0.0.1', pairs: ['home'] });
    expect(await open(started['port'] as number).read()).toEqual({ kind: 'found', record });
    const end = ending(again);
    const stopped = nextLine(again);
    again.kill('SIGTERM');
    expect(await stopped).toMatchObject({ type: 'stopped', reason: 'SIGTERM' });
    expect(await end).toEqual({ code: 0, words: '' });
  });

  it.each<[string, number, RegExp, unknown, (readonly string[])?]>([
    ['no configuration', 64, /--config/u, '', []],
    ['a file that is not there', 78, /cannot be read/u, '', ['--config', '/nowhere/witness.json']],
    ['no JSON', 78, /witness\.json: it is not JSON/u, '{'],
    [
      'no secret',
      78,
      /pairs\[0\]\.secret: the variable NOT_SET is not set/u,
      { ...configFor('/nowhere'), pairs: [{ id: 'home', secret: { env: 'NOT_SET' } }] },
    ],
    ['a folder that cannot be made', 73, /cannot be used/u, configFor('/dev/null/witness')],
  ])(
    'does not start with %s: exit code %i and words',
    async (_words, code, words, config, args) => {
      expect(await ending(spawnWitness(config, args))).toEqual({
        code,
        words: expect.stringMatching(words),
      });
    },
  );

  it('does not start where another one runs', async () => {
    const stateDir = temporaryFolder();
    const one = spawnWitness(configFor(stateDir));
    await nextLine(one);
    expect(await ending(spawnWitness(configFor(stateDir)))).toEqual({
      code: 75,
      words: expect.stringMatching(/another witness uses/u),
    });
  });
});

describe("a witness's configuration", () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['version', { version: 2 }, /^version: this version of the witness reads version 1$/u],
    ['listen.host', { listen: { host: 'my-pi', port: 7420 } }, /^listen\.host: give the IP/u],
    ['listen.port', { listen: { host: '::', port: 70_000 } }, /^listen\.port: give a port/u],
    ['stateDir', { stateDir: '' }, /^stateDir: name the folder/u],
    ['pairs', { pairs: [] }, /^pairs: name at least one pair$/u],
    [
      'a pair twice',
      {
        pairs: [
          { id: 'home', secret: { env: 'A' } },
          { id: 'home', secret: { env: 'B' } },
        ],
      },
      /^pairs: name each pair once$/u,
    ],
    [
      'the secret itself',
      { pairs: [{ id: 'home', secret: 'hunter2' }] },
      /^pairs\[0\]\.secret: use .*never the secret itself$/u,
    ],
    ['what is not known', { lease: 1 }, /^\(the whole file\): remove what is not known: lease$/u],
  ])('names %s and the remedy', (_words, change, words) => {
    const parsed = parseWitnessConfig(
      JSON.stringify({ ...configFor('/var/lib/w', 7420), ...change }),
    );
    expect(parsed).toEqual({ ok: false, error: expect.stringMatching(words) });
  });

  it('is read as written', () => {
    const config = configFor('/var/lib/w', 7420);
    expect(parseWitnessConfig(JSON.stringify(config))).toEqual({ ok: true, value: config });
  });
});
