import type { Summary } from './statistics.ts';

/** A line of a table: one sample of one subject. */
export interface TableRow {
  /** With its unit; left out of the table where it is that of the row before. */
  readonly what: string;
  readonly subject: string;
  readonly summary: Summary | null;
  readonly target?: string;
}

const headings = ['', '', 'n', 'min', 'median', 'p99', 'max', 'target'];
const leftAligned = [0, 1, 7];

/** Draws a table for a terminal, numbers to the right. */
export function renderTable(rows: readonly TableRow[]): string {
  const cells = rows.map(({ what, subject, summary, target }, index) => [
    what === rows[index - 1]?.what ? '' : what,
    subject,
    ...numbers(summary),
    target ?? '',
  ]);
  return drawTable(headings, cells, leftAligned);
}

/** Draws lines of cells under headings; the columns in `leftAligned` are words, the others numbers. */
export function drawTable(
  headings: readonly string[],
  cells: readonly (readonly string[])[],
  leftAligned: readonly number[],
): string {
  const lines = [headings, ...cells];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  const drawn = lines.map((line) =>
    line
      .map((cell, column) =>
        leftAligned.includes(column)
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const [head = '', ...body] = drawn;
  const rule = '─'.repeat(Math.max(...drawn.map((line) => line.length)));
  return [head, rule, ...body].join('\n');
}

function numbers(summary: Summary | null): readonly string[] {
  if (summary === null) return ['0', '–', '–', '–', '–'];
  const { count, min, median, p99, max } = summary;
  return [
    count.toLocaleString('en'),
    number(min),
    number(median),
    p99 === null ? '–' : number(p99),
    number(max),
  ];
}

/** Three digits that mean something, and all those before the point. */
function number(value: number): string {
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', {
    minimumFractionDigits: Number.isInteger(value) ? 0 : decimals,
    maximumFractionDigits: decimals,
  });
}
