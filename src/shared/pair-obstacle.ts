import type { WordKey } from './i18n/index.ts';
import type { PairCommandName, PairView } from './model.ts';

/** Whether a drill is under way. */
export function isDrilling({ drill }: Pick<PairView, 'drill'>): boolean {
  return drill?.state === 'running' || drill?.state === 'ending';
}

/** Why a command makes no sense for a pair as it is, as words for beside its button; null when it may be given. */
export function pairObstacle(
  pair: Pick<
    PairView,
    'cover' | 'epoch' | 'busy' | 'hold' | 'lease' | 'register' | 'mirror' | 'drill'
  >,
  command: PairCommandName,
): WordKey | null {
  if (pair.cover === 'unguarded') return 'failover.blocked.unguarded';
  if (command === 'hold' || command === 'unhold') return null;
  const drills = isDrilling(pair);
  if (command === 'end-drill') return drills ? null : 'failover.blocked.no-drill';
  if (drills && (command === 'drill' || command === 'hand-over')) return 'failover.blocked.drill';
  if (pair.epoch === 0 && command !== 'force-alone') return 'failover.blocked.unknown';
  if (pair.busy !== null) return 'failover.blocked.busy';
  switch (command) {
    case 'drill':
      if (pair.hold) return 'failover.blocked.held';
      if (pair.cover === 'exposed') return 'failover.blocked.exposed';
      return pair.mirror !== null && pair.mirror.state !== 'in-step'
        ? 'failover.blocked.not-copied'
        : null;
    case 'hand-over':
      return pair.cover === 'exposed' ? 'failover.blocked.exposed' : null;
    case 'force':
      return null;
    case 'force-alone':
      if (pair.lease.kind === 'held') return 'failover.blocked.one-computer';
      return pair.register.ok ? 'failover.blocked.register-answers' : null;
  }
}
