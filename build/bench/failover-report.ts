import type { SubjectName } from '../../e2e/failover/trial/subjects.ts';
import { faultNames, type TrialRow } from '../../e2e/failover/trial/trial.ts';
import type { FailoverRow } from './failover-rows.ts';
import { quantile, quantileInterval } from './quantiles.ts';
import { drawTable } from './table.ts';

const fewestForP99 = 100;

/** Gap and overlap by fault and subject. */
export function gapTable(
  rows: readonly FailoverRow[],
  subjects: readonly SubjectName[],
): string | null {
  const trials = rows.filter((row) => row.kind === 'trial');
  const cells = faultNames.flatMap((fault) =>
    subjects.flatMap((subject) => {
      const mine = trials.filter((row) => row.fault === fault && row.subject === subject);
      return mine.length === 0 ? [] : [gapCells(fault, subject, mine)];
    }),
  );
  if (cells.length === 0) return null;
  const drawn = cells.map(([fault = '', ...rest], index) => [
    fault === cells[index - 1]?.[0] ? '' : fault,
    ...rest,
  ]);
  const headings = [
    'gap, ms',
    '',
    'n',
    'none',
    'p50',
    '95 % CI',
    'p90',
    'p99',
    'max',
    'by name, p50',
    'overlap, ms: max',
    'trials with',
  ];
  return drawTable(headings, drawn, [0, 1]);
}

function gapCells(
  fault: string,
  subject: SubjectName,
  trials: readonly TrialRow[],
): readonly string[] {
  const gaps = trials.flatMap(({ gapMs }) => gapMs ?? []);
  const byName = trials.flatMap(({ gapByNameMs }) => gapByNameMs ?? []);
  const overlaps = trials.map(({ overlapMs }) => overlapMs);
  const interval = quantileInterval(gaps, 0.5);
  return [
    fault,
    subject,
    String(trials.length),
    String(trials.length - gaps.length),
    whole(quantile(gaps, 0.5)),
    interval === null ? '–' : `${whole(interval[0])}–${whole(interval[1])}`,
    whole(quantile(gaps, 0.9)),
    gaps.length < fewestForP99 ? '–' : whole(quantile(gaps, 0.99)),
    whole(quantile(gaps, 1)),
    whole(quantile(byName, 0.5)),
    whole(quantile(overlaps, 1)),
    String(overlaps.filter((overlap) => overlap > 0).length),
  ];
}

/** Changes of the answering gateway with nothing wrong but a busy machine. */
export function busyTable(
  rows: readonly FailoverRow[],
  subjects: readonly SubjectName[],
): string | null {
  const busy = rows.filter((row) => row.kind === 'busy');
  const loops = [...new Set(busy.map((row) => row.loops))].sort((one, other) => one - other);
  const cells = loops.flatMap((count) =>
    subjects.flatMap((subject) => {
      const mine = busy.filter((row) => row.loops === count && row.subject === subject);
      if (mine.length === 0) return [];
      return [
        [
          `${count} busy loops`,
          subject,
          String(mine.reduce((sum, { seconds }) => sum + seconds, 0)),
          String(mine.reduce((sum, { changes }) => sum + changes, 0)),
          whole(Math.max(...mine.map(({ silenceMs }) => silenceMs))),
          whole(Math.max(...mine.map(({ overlapMs }) => overlapMs))),
        ],
      ];
    }),
  );
  return cells.length === 0
    ? null
    : drawTable(
        ['false failovers', '', 'seconds', 'changes', 'longest silence, ms', 'overlap, ms: max'],
        cells,
        [0, 1],
      );
}

/** What a healthy pair costs on each host. */
export function costTable(rows: readonly FailoverRow[]): string | null {
  const cells = rows
    .filter((row) => row.kind === 'cost')
    .map((row) => [
      row.subject,
      row.cpuPercent.toFixed(2),
      row.rssMb.toFixed(1),
      row.pssMb?.toFixed(1) ?? '–',
      whole(row.bytesPerSecond),
    ]);
  return cells.length === 0
    ? null
    : drawTable(
        ['cost when healthy, per host', 'CPU, % of a core', 'RSS, MB', 'PSS, MB', 'bytes/s'],
        cells,
        [0],
      );
}

/** What a reader must know to read the tables. */
export const failoverNotes: readonly string[] = [
  'Four namespaces on one switch; same gateway double, same probe (UDP, a question every 2 ms), same faults, random phase, subjects interleaved.',
  'gap: last good answer of A to first good answer of B. none: nobody took over within 15 s, which for keepalived and a lie means that its check does not look at answers.',
  'overlap: both gateways acted (an answer, or work of their own every 5 ms). A rival’s gateway is taken to act exactly while its host has the address, as if a script stopped it in no time. Frozen gateways are woken, partitions healed, 1 s after the takeover, and watched for 1.5 s more.',
  'partition: A is cut off from everybody; a rival’s overlap lasts as long as the partition does.',
  'handoff: ours by the guardian’s hand-over, keepalived by SIGTERM to the daemon on A (priority 0).',
  'keepalived default: VRRP 2, advertisement and script 1 s, script asks /readyz. recommended: VRRP 3, script 2 s × 2. fastest: VRRP 3 at 0.1 s with track_file, fed by our own deep check (100 ms × 3).',
  'All hosts share one machine’s processors: gaps under load, and false failovers, are relative to each other.',
  'Ours moves no address: its client knows both. “by name” is a client that asks dnsmasq every 10 ms.',
];

function whole(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en');
}
