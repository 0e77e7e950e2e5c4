/**
 * The app's knowledge of its pairs, as the guardian tells it.
 *
 * Invariants
 * 1. Only the guardian changes who is active. Without it everything stays as it was, and the pair is shown as unguarded.
 * 2. Until it is known who is active, a pair is undecided and nothing may be sent to either member. Epoch 0 means that the
 *    guardian has not read its register yet: it tells nothing about who is active.
 */
import type { FailoverEvent, PairView, PaneView, Translate } from '../shared/index.ts';
import type { Settings } from '../store/index.ts';
import { unguardedPairs } from './panes.ts';
import type { Guardian, MissingGuardian } from './ports.ts';

export interface PairWatch {
  views(): readonly PairView[];
  isDecided(pane: Pick<PaneView, 'pairId'>): boolean;
  /** Attaches to the guardian, where the settings have a pair. */
  attach(): void;
  refreshCredentials(): void;
  detach(how: { readonly leaveRunning: boolean }): Promise<void>;
}

export interface PairWatchOptions {
  readonly settings: Settings;
  readonly t: Translate;
  /** The guardian, or why there can be none. */
  readonly guardian: () => Guardian | MissingGuardian;
  /** The views changed; `decided`: panes for which it is known only now who is active. */
  readonly changed: (decided: ReadonlySet<string>) => void;
  readonly happened: (event: FailoverEvent, pair: PairView) => void;
}

/** Makes the watch with every pair undecided. */
export function createPairWatch(options: PairWatchOptions): PairWatch {
  const { settings, t } = options;
  let views = unguardedPairs(settings, t('pair.guardian-starting'));
  let undecided: ReadonlySet<string> = new Set(settings.pairs.map((pair) => pair.id));
  let guardian: Guardian | null = null;

  const set = (next: readonly PairView[], decided: (pair: PairView) => boolean): void => {
    views = next;
    const newly = new Set(
      next.filter((pair) => undecided.has(pair.id) && decided(pair)).map((pair) => pair.id),
    );
    undecided = new Set([...undecided].filter((pairId) => !newly.has(pairId)));
    options.changed(newly);
  };
  /** Keeps who was active where the guardian cannot say (invariant 2). */
  const known = (pair: PairView): PairView => {
    const before = views.find((view) => view.id === pair.id);
    return pair.epoch > 0 || before === undefined
      ? pair
      : { ...pair, activeId: before.activeId, epoch: before.epoch };
  };

  return {
    views: () => views,
    isDecided: (pane) => pane.pairId === null || !undecided.has(pane.pairId),
    attach: () => {
      if (settings.pairs.length === 0) return;
      const found = options.guardian();
      if ('missing' in found) {
        const { missing, holders } = found;
        const known = Object.entries(holders).filter(([, holder]) => holder !== null);
        set(
          unguardedPairs(settings, missing, Object.fromEntries(known) as Record<string, string>),
          (pair) => holders[pair.id] !== null,
        );
        return;
      }
      guardian = found;
      guardian.on((message) => {
        if (message.kind === 'status') set(message.pairs.map(known), (pair) => pair.epoch > 0);
        else if (message.kind === 'detached') {
          const coverReason = message.reason;
          set(
            views.map((pair) => ({ ...pair, cover: 'unguarded', coverReason })),
            () => false,
          );
        } else {
          const pair = views.find((candidate) => candidate.id === message.pairId);
          if (pair !== undefined) options.happened(message.event, pair);
        }
      });
    },
    refreshCredentials: () => guardian?.refreshCredentials(),
    detach: async ({ leaveRunning }) => {
      await (leaveRunning ? guardian?.stop() : guardian?.shutdown());
    },
  };
}
