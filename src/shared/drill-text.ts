import type { DrillView } from './model.ts';

/** A drill as text for a terminal or the clipboard: a line for each step in columns, and what came of it. */
export function drillText({ startedAtMs, steps, words }: DrillView, title: string): string {
  const rows = [
    ['result', 'what', 'took', 'found'],
    ...steps.map(({ state, what, tookMs, detail }) => [
      state,
      what,
      tookMs === null ? '' : `${Math.round(tookMs)} ms`,
      detail,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const head = `${title}, ${new Date(startedAtMs).toISOString()}`;
  return [head, ...lines, ...(words === '' ? [] : [words])].join('\n');
}
