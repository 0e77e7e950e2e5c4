/** What a healthy pair costs: processor, memory and network of its guardians (or the rival's daemons). */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { openLab, type Lab } from '../lab/lab.ts';
import { processesIn } from '../lab/ledger.ts';
import { startSubject, type SubjectName } from './subjects.ts';

/** One raw row; of one host, which is the mean of both. */
export interface CostRow {
  readonly kind: 'cost';
  readonly subject: SubjectName;
  readonly seconds: number;
  /** Share of one core. */
  readonly cpuPercent: number;
  readonly rssMb: number;
  /** Null where the kernel does not tell. */
  readonly pssMb: number | null;
  /** What passes the host's network card, both directions, no client there. */
  readonly bytesPerSecond: number;
}

const ticksPerSecond = 100; // USER_HZ, the same on every Linux
const settleMs = 5_000;

/** Watches a healthy pair. */
export async function measureCost(subjectName: SubjectName, seconds = 20): Promise<CostRow> {
  const lab = await openLab();
  try {
    const subject = await startSubject(lab, subjectName);
    const gateways = new Set(Object.values(subject.gateways).map(({ process }) => process.pid));
    await sleep(settleMs);
    const hosts = subject.onOneHost ? (['a'] as const) : (['a', 'b'] as const);
    const watchers = async (): Promise<readonly number[]> =>
      (await Promise.all(hosts.map((host) => processesIn(lab.hosts[host].namespace))))
        .flat()
        .filter((pid) => !gateways.has(pid));
    const pids = await watchers();
    const before = { ticks: sum(pids.map(ticksOf)), bytes: await bytesOf(lab, hosts) };
    await sleep(seconds * 1_000);
    const used = sum(pids.map(ticksOf)) - before.ticks;
    const passed = (await bytesOf(lab, hosts)) - before.bytes;
    const pss = pids.map((pid) => kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss'));
    const row: CostRow = {
      kind: 'cost',
      subject: subjectName,
      seconds,
      cpuPercent: ((used / ticksPerSecond / seconds) * 100) / hosts.length,
      rssMb:
        sum(pids.map((pid) => kilobytes(`/proc/${pid}/status`, 'VmRSS') ?? 0)) /
        1024 /
        hosts.length,
      pssMb: pss.some((each) => each === null)
        ? null
        : sum(pss.map((each) => each ?? 0)) / 1024 / hosts.length,
      bytesPerSecond: passed / seconds / hosts.length,
    };
    await subject.stop();
    return row;
  } finally {
    await lab.close();
  }
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function kilobytes(path: string, name: string): number | null {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'mu').exec(readFileSync(path, 'utf8'));
  return match === null ? null : Number(match[1]);
}

async function bytesOf(lab: Lab, hosts: readonly ('a' | 'b')[]): Promise<number> {
  const texts = await Promise.all(hosts.map((host) => lab.hosts[host].run('cat', '/proc/net/dev')));
  return sum(
    texts.map((text) => {
      const fields = /eth0:\s*(.*)/u.exec(text)?.[1]?.trim().split(/\s+/u) ?? [];
      return Number(fields[0]) + Number(fields[8]);
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
