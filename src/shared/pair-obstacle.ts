import type { WordKey } from './i18n/index.ts';
import type { PairCommandName, PairView } from './model.ts';

/** Why a command makes no sense for a pair as it is, as words for beside its button; null when it may be given. */
export function pairObstacle(
  pair: Pick<PairView, 'cover' | 'epoch' | 'busy' | 'hold' | 'lease' | 'register'>,
  command: PairCommandName,
): WordKey | null {
  if (pair.cover === 'unguarded') return 'failover.blocked.unguarded';
  if (command === 'hold' || command === 'unhold') return null;
  if (pair.epoch === 0 && command !== 'force-alone') return 'failover.blocked.unknown';
  if (pair.busy !== null) return 'failover.blocked.busy';
  switch (command) {
    case 'drill':
      if (pair.hold) return 'failover.blocked.held';
      return pair.cover === 'exposed' ? 'failover.blocked.exposed' : null;
    case 'hand-over':
      return pair.cover === 'exposed' ? 'failover.blocked.exposed' : null;
    case 'force':
      return null;
    case 'force-alone':
      if (pair.lease.kind === 'held') return 'failover.blocked.one-computer';
      return pair.register.ok ? 'failover.blocked.register-answers' : null;
  }
}
