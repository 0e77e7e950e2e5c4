/** Failovers as a table and a line of sums. */
import { summarise } from '../../build/bench/statistics.ts';
import { renderTable } from '../../build/bench/table.ts';
import type { FailoverRow } from './round.ts';

/** Draws the table. Times are milliseconds in the app's core, from Enter or from the kill. */
export function failoverTable(rows: readonly FailoverRow[]): string {
  const times = (pick: (row: FailoverRow) => number | null) =>
    summarise(rows.flatMap((row) => pick(row) ?? []));
  const enter = 'Enter to first token, ms';
  return renderTable([
    { what: enter, subject: 'undisturbed', summary: times((row) => row.firstTokenMs) },
    { what: enter, subject: 'failover', summary: times((row) => row.firstTokenFailoverMs) },
    { what: 'gap in the answer, ms', subject: 'failover', summary: times((row) => row.gapMs) },
    { what: 'kill to takeover, ms', subject: 'failover', summary: times((row) => row.takeoverMs) },
    { what: 'kill to protected, ms', subject: 'failover', summary: times((row) => row.backMs) },
  ]);
}

/** What must be nothing, in one line. */
export function failoverSums(rows: readonly FailoverRow[]): string {
  const sum = (pick: (row: FailoverRow) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  return `${rows.length} failovers: lost ${sum(({ lost }) => lost)}, twice ${sum(({ twice }) => twice)}, two active for ${Math.round(sum(({ overlapMs }) => overlapMs))} ms, changes of role ${sum(({ roleChanges }) => roleChanges)}, with a fault ${rows.filter(({ faults }) => faults.length > 0).length}`;
}
