/**
 * When and to whom the role of each pair went, so that a conversation can say where it went on.
 *
 * Invariants
 * 1. What was learnt is on disk before it is told: it outlives the app, and the guardian whose timeline told it.
 * 2. An epoch has one change, whoever tells of it and however often.
 */
import type { Logger } from '../base/index.ts';
import type { Continuation, FailoverEvent, PairView } from '../shared/index.ts';
import type { AppDatabase, RoleChange } from '../store/index.ts';

export interface RoleChanges {
  /** Takes in the timelines of the pairs; the ids of those that tell of something new. */
  learn(pairs: readonly PairView[]): ReadonlySet<string | null>;
  /** Where the conversations of a pair went on, oldest first, since `fromMs` (wall time). */
  since(pairId: string | null, fromMs: number): readonly Continuation[];
}

const changes: readonly FailoverEvent['kind'][] = ['takeover', 'handoff', 'forced'];

/** Makes the record over what earlier runs kept. */
export function createRoleChanges(
  store: AppDatabase['roleChanges'],
  nameOf: (gatewayId: string) => string,
  logger: Logger,
): RoleChanges {
  const known = new Map<string, readonly RoleChange[]>();
  const of = (pairId: string): readonly RoleChange[] => {
    const kept = known.get(pairId) ?? store.list(pairId);
    known.set(pairId, kept);
    return kept;
  };
  return {
    learn: (pairs) => {
      const news = new Set<string>();
      for (const { id, epoch, mirror, timeline } of pairs) {
        const epochs = new Set(of(id).map((change) => change.epoch));
        const fresh = timeline.flatMap((event) => {
          if (!changes.includes(event.kind) || event.gatewayId === null) return [];
          if (epochs.has(event.epoch)) return []; // invariant 2
          epochs.add(event.epoch);
          const { atMs, gatewayId } = event;
          const complete = event.epoch !== epoch || mirror?.inherited !== false;
          return [{ epoch: event.epoch, atMs, gatewayId, complete }];
        });
        if (fresh.length === 0) continue;
        for (const change of fresh) {
          const stored = store.record(id, change); // invariant 1
          if (!stored.ok) logger.warn('role change not kept', { error: stored.error.message });
        }
        known.set(id, [...of(id), ...fresh]);
        news.add(id);
      }
      return news;
    },
    since: (pairId, fromMs) =>
      pairId === null
        ? []
        : of(pairId)
            .filter(({ atMs }) => atMs >= fromMs)
            .map(({ atMs, gatewayId, complete }) => ({
              atMs,
              complete,
              member: nameOf(gatewayId),
            })),
  };
}
