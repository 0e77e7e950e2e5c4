import type { Notice } from '../shared/index.ts';
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

/** Gateways and pairs are wired up once, at the start; a change of theirs in the file waits for the next one. */
export function sameGateways(a: Settings, b: Settings): boolean {
  return JSON.stringify([a.gateways, a.pairs]) === JSON.stringify([b.gateways, b.pairs]);
}
