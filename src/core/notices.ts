import type { Notice, OutboxItem } from '../shared/index.ts';
import { panesOf } from '../store/index.ts';
import type { Settings, SettingsProblem } from '../store/index.ts';

/** What a person should know of the whole app now: what was found at the start, and how the settings file stands. */
export function noticesOf(
  found: readonly Notice[],
  started: Settings,
  current: Settings,
  problems: readonly SettingsProblem[],
): readonly Notice[] {
  const demo: Notice = { code: 'demo', severity: 'info', values: {} };
  const restart: Notice = { code: 'settings-restart', severity: 'warning', values: {} };
  return [
    ...(current.demo ? [demo] : []),
    ...found,
    ...(sameGateways(started, current) ? [] : [restart]),
    ...problems
      .slice(0, 1) // one fault at a time is what a person can mend
      .map(({ line, message }): Notice => ({
        code: 'settings-error',
        severity: 'error',
        values: { line, message },
      })),
  ];
}

/**
 * Whether the app can go over from `a` to `b` as it runs: gateways and pairs may come, pairs may change and go. A gateway
 * that changes or goes waits for the next start, because what was said in it is still shown as its own.
 */
export function canFollow(a: Settings, b: Settings): boolean {
  return a.gateways.every((gateway) =>
    b.gateways.some((other) => JSON.stringify(other) === JSON.stringify(gateway)),
  );
}

/** Whether both have the same gateways and pairs, and the same gateways rest. */
export function sameGateways(a: Settings, b: Settings): boolean {
  const of = ({ gateways, pairs, resting = [] }: Settings) =>
    JSON.stringify([gateways, pairs, resting]);
  return of(a) === of(b);
}

/** Messages whose pane is not set up any more stay as they are: nothing is lost, nothing goes elsewhere. */
export function strandedNotices(
  open: readonly OutboxItem[],
  settings: Settings,
): readonly Notice[] {
  const known = panesOf(settings);
  const stranded = open.filter((item) => !known.some((pane) => pane.id === item.paneId));
  if (stranded.length === 0) return [];
  const panes = [...new Set(stranded.map((item) => item.paneId))].join(', ');
  return [
    {
      code: 'outbox-stranded',
      severity: 'warning',
      values: { count: stranded.length, panes },
    },
  ];
}
