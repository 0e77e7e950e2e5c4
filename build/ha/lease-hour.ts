// Lease renewals on BIND and on the witness, all three profiles at once, under load: how often would a gateway have fenced
// itself although nothing was wrong?
//
//   lease-hour [--minutes 60] [--load N] [--out FILE.jsonl]
//
// One line a minute, register and profile is added to FILE as it happens; run again with the same FILE it goes on where it
// stopped, until there are as many minutes as wanted of that load.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';

import { createLifetime, systemRandom } from '../../src/base/index.ts';
import type { Lifetime } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import type { Register } from '../../src/ha/ports.ts';
import { profiles } from '../../src/ha/profiles.ts';
import { hmacSha256 } from '../../src/ha/register/hmac.node.ts';
import { openUdp } from '../../src/ha/register/wire.node.ts';
import { startBind } from '../../src/ha/testing/bind.ts';
import { witnessRegister } from '../../src/ha/witness/witness-register.ts';
import { describeMachine } from '../bench/machine.ts';
import { root } from '../bench/results-file.ts';
import { summarise } from '../bench/statistics.ts';
import { renderTable } from '../bench/table.ts';
import { registerInBind } from './open-in-bind.ts';
import { renewLease } from './renewals.ts';
import type { RenewalCounts, RenewedLease } from './renewals.ts';

const profileNames = ['fast', 'default', 'safe'] as const;
type ProfileName = (typeof profileNames)[number];
const backends = ['bind', 'witness'] as const;
type Backend = (typeof backends)[number];

interface Row extends RenewalCounts {
  readonly at: string;
  readonly minute: number;
  readonly load: number;
  readonly backend: Backend;
  readonly profile: ProfileName;
}

const minuteMs = 60_000;
const clock = systemClock();

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    load: { type: 'string', default: '0' },
    out: { type: 'string', default: join(root, 'bench-results', 'lease-hour.jsonl') },
  },
});
const minutes = Number(values.minutes);
const load = Number(values.load);
if (!Number.isInteger(minutes) || minutes < 1 || !Number.isInteger(load) || load < 0) {
  process.stderr.write('usage: lease-hour [--minutes N] [--load N] [--out FILE.jsonl]\n');
  process.exit(64);
}
const out = resolve(values.out);

const lifetime = createLifetime();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void lifetime.stop().finally(() => process.exit(1)));
try {
  await measure();
  process.stdout.write(`${report(readRows())}\nraw rows: ${out}\n`);
} finally {
  await lifetime.stop();
}

async function measure(): Promise<void> {
  const done = Math.max(0, ...readRows().map((row) => row.minute));
  if (done >= minutes) return;
  const { processor, cores, system } = describeMachine();
  process.stdout.write(`${processor}, ${cores} cores, ${system}; ${load} busy loops\n`);
  startBusyLoops(load);
  const leases = await startLeases();
  for (let minute = done + 1; minute <= minutes; minute += 1) {
    await pause(minuteMs, undefined, { signal: lifetime.signal });
    const rows = leases.map(({ lease, ...which }): Row => ({
      ...{ at: new Date().toISOString(), minute, load },
      ...which,
      ...lease.take(),
    }));
    mkdirSync(dirname(out), { recursive: true });
    appendFileSync(out, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const fences = rows.reduce((sum, row) => sum + row.falseFences, 0);
    process.stdout.write(`minute ${minute} of ${minutes}: ${fences} false fences\n`);
  }
  for (const { lease } of leases) await lease.stop();
}

/** Each lease has a register of its own; all of them share the server, as several pairs would. */
async function startLeases(): Promise<
  readonly { backend: Backend; profile: ProfileName; lease: RenewedLease }[]
> {
  const bind = await startBind({ zone: 'home.lan' });
  lifetime.add(bind.stop);
  const port = await startWitnessProcess(lifetime);
  const open: Readonly<Record<Backend, (profile: ProfileName) => Register>> = {
    bind: (profile) => registerInBind(bind, `${profile}.home.lan`),
    witness: (pair) =>
      witnessRegister(
        {
          host: '127.0.0.1',
          port,
          pair,
          secret: async () => ({ ok: true, value: secretOf(pair) }),
        },
        { clock, random: systemRandom(), openDatagrams: openUdp, makeHmac: hmacSha256 },
      ),
  };
  return backends.flatMap((backend) =>
    profileNames.map((profile) => ({
      backend,
      profile,
      lease: renewLease(open[backend](profile), profiles[profile].lease, clock),
    })),
  );
}

/** The witness as people run it: a process of its own, with files of its own. Returns its port. */
async function startWitnessProcess(within: Lifetime): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'swy-lease-hour-'));
  within.add(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'witness.json');
  const pairs = profileNames.map((id) => ({ id, secret: { file: join(folder, id) } }));
  for (const id of profileNames) writeFileSync(join(folder, id), secretOf(id));
  writeFileSync(
    config,
    JSON.stringify({
      ...{ version: 1, listen: { host: '127.0.0.1', port: 0 }, pairs },
      stateDir: join(folder, 'state'),
    }),
  );
  const moduleUrl = new URL('../../src/ha/witness/run-witness.node.ts', import.meta.url).href;
  const program = `import { runWitness } from ${JSON.stringify(moduleUrl)}; process.exit(await runWitness(['--config', ${JSON.stringify(config)}]));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  within.add(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return (JSON.parse(line) as { port: number }).port;
}

function startBusyLoops(count: number): void {
  for (let index = 0; index < count; index += 1) {
    const child = spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' });
    lifetime.add(() => {
      child.kill('SIGKILL');
    });
  }
}

function secretOf(profile: ProfileName): string {
  return `the secret of ${profile} in this run`;
}

function readRows(): readonly Row[] {
  if (!existsSync(out)) return [];
  const lines = readFileSync(out, 'utf8').split('\n');
  return lines
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Row)
    .filter((row) => row.load === load);
}

function report(rows: readonly Row[]): string {
  const groups = backends.flatMap((backend) =>
    profileNames.map((profile) => ({
      backend,
      profile,
      rows: rows.filter((row) => row.backend === backend && row.profile === profile),
    })),
  );
  const table = renderTable(
    groups.map(({ backend, profile, rows: own }) => ({
      what: `renewal on ${backend} (ms)`,
      subject: profile,
      summary: summarise(own.flatMap((row) => row.latenciesMs)),
    })),
  );
  const counts = groups.map(({ backend, profile, rows: own }) => {
    const sum = (count: (row: Row) => number): number =>
      own.reduce((total, row) => total + count(row), 0);
    const least = Math.min(...own.map((row) => row.leastLeftMs ?? Infinity));
    const longest = Math.max(0, ...own.flatMap((row) => row.lapsesMs));
    return `${backend} ${profile}: ${sum((row) => row.falseFences)} false fences in ${own.length} minutes and ${sum((row) => row.renewals)} renewals (longest ${Math.round(longest)} ms; least left of a lease ${Math.round(least)} ms; ${sum((row) => row.unknown)} unknown results)`;
  });
  return [table, ...counts].join('\n');
}
