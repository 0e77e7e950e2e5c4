/**
 * Trouble of pairs that lasts: nobody active, no cover, no guardian, a name that points elsewhere.
 *
 * Invariants
 * 1. Trouble is told once it has lasted for its patience, and once; again only after it was gone.
 * 2. What a takeover or a start brings with it for a moment is not told.
 */
import type { Clock } from '../../base/index.ts';
import type { NodeRole, PairView } from '../../shared/index.ts';

export interface PairAlarm {
  readonly kind: 'inactive' | 'exposed' | 'unguarded' | 'dns';
  /** The name that DNS does not serve well; empty for other alarms. */
  readonly name: string;
  readonly reason: string;
}

const patienceMs: Readonly<Record<PairAlarm['kind'], number>> = {
  inactive: 5_000,
  dns: 10_000,
  exposed: 30_000,
  unguarded: 30_000,
};

/** The trouble that a pair is in now. Pure. */
export function alarmsOf(pair: PairView): readonly PairAlarm[] {
  if (pair.cover === 'unguarded')
    return [{ kind: 'unguarded', name: '', reason: pair.coverReason }];
  const alarms: PairAlarm[] = [];
  const inactive = whyInactive(pair);
  if (inactive !== null) alarms.push({ kind: 'inactive', name: '', reason: inactive });
  else if (pair.cover === 'exposed')
    alarms.push({ kind: 'exposed', name: '', reason: pair.coverReason });
  for (const { ok, checkedAtMs, name, detail } of pair.dns)
    if (!ok && checkedAtMs !== null) alarms.push({ kind: 'dns', name, reason: detail });
  return alarms;
}

const acting: readonly (NodeRole | null)[] = ['active', 'draining', 'taking'];

/** Why nobody acts for the pair, where its guardian sees all of it; null when somebody does or may. */
function whyInactive({ nodes }: PairView): string | null {
  const seesAll = nodes.length > 0 && nodes.every(({ role }) => role !== null);
  if (!seesAll || nodes.some(({ role }) => acting.includes(role))) return null;
  const stopped = nodes.find(({ role }) => role === 'fenced' || role === 'fault') ?? nodes[0];
  return stopped?.detail ?? '';
}

/** Watches the pairs; `raise` is told of each alarm that lasted. */
export function createPairAlarms(options: {
  readonly clock: Clock;
  readonly raise: (pair: PairView, alarm: PairAlarm) => void;
}): { readonly apply: (pairs: readonly PairView[]) => void; readonly stop: () => void } {
  const waiting = new Map<string, () => void>();
  let newest: readonly PairView[] = [];
  const keyOf = (pair: PairView, alarm: PairAlarm): string =>
    `${pair.id} ${alarm.kind} ${alarm.name}`;
  const due = (key: string): void => {
    for (const pair of newest)
      for (const alarm of alarmsOf(pair))
        if (keyOf(pair, alarm) === key) options.raise(pair, alarm);
  };
  return {
    apply: (pairs) => {
      newest = pairs;
      const present = new Set<string>();
      for (const pair of pairs) {
        for (const alarm of alarmsOf(pair)) {
          const key = keyOf(pair, alarm);
          present.add(key);
          if (waiting.has(key)) continue;
          waiting.set(
            key,
            options.clock.after(patienceMs[alarm.kind], () => {
              due(key);
            }),
          );
        }
      }
      for (const [key, cancel] of waiting) {
        if (present.has(key)) continue;
        cancel();
        waiting.delete(key);
      }
    },
    stop: () => {
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
