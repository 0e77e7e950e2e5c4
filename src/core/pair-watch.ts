/**
 * The app's knowledge of its pairs, as the guardian tells it.
 *
 * Invariants
 * 1. Only the guardian changes who is active. Without it everything stays as it was, and the pair is shown as unguarded.
 * 2. Until it is known who is active, a pair is undecided and nothing may be sent to either member. Epoch 0 means that the
 *    guardian has not read its register yet: it tells nothing about who is active.
 * 3. One guardian at a time: the link to one for older settings is let go of before the next is asked for.
 */
import { errorText, fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { appError, pairObstacle } from '../shared/index.ts';
import type {
  AppError,
  FailoverEvent,
  PairCommandName,
  PairView,
  PaneView,
  Translate,
} from '../shared/index.ts';
import type { Settings } from '../store/index.ts';
import { unguardedPairs } from './panes.ts';
import type { FindGuardian, Guardian, GuardianMessage } from './ports.ts';

export interface PairWatch {
  views(): readonly PairView[];
  isDecided(pane: Pick<PaneView, 'pairId'>): boolean;
  /** Whether the active gateway of the pane's pair has all that `gatewayId`, the other one, had when it stopped. */
  inherits(pane: Pick<PaneView, 'pairId'> | undefined, gatewayId: string): boolean;
  /** Attaches to the guardian; again after `apply`, to the one of the new settings. */
  attach(): Promise<void>;
  /** Other pairs from now on. What is known of a pair that stays is kept; one that is new is undecided. */
  apply(settings: Settings): Promise<void>;
  command(
    pairId: string,
    command: PairCommandName,
  ): Promise<Result<{ readonly words: string }, AppError>>;
  refreshCredentials(): void;
  detach(how: { readonly leaveRunning: boolean }): Promise<void>;
}

export interface PairWatchOptions {
  readonly settings: Settings;
  readonly t: Translate;
  /** The guardian of the settings as they are now, or why there can be none. */
  readonly guardian: () => ReturnType<FindGuardian>;
  /** The views changed; `decided`: panes for which it is known only now who is active. */
  readonly changed: (decided: ReadonlySet<string>) => void;
  readonly happened: (event: FailoverEvent, pair: PairView) => void;
}

/** Makes the watch with every pair undecided. */
export function createPairWatch(options: PairWatchOptions): PairWatch {
  const { t } = options;
  let { settings } = options;
  let views = unguardedPairs(settings, t('pair.guardian-starting'));
  let undecided: ReadonlySet<string> = new Set(settings.pairs.map((pair) => pair.id));
  let guardian: Guardian | null = null;
  let forget = (): void => undefined;
  /** Rises with each attachment and with the end, so that an answer for an earlier one is dropped. */
  let round = 0;

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
  const unguard = (reason: string): void => {
    set(
      views.map((pair) => ({ ...pair, cover: 'unguarded', coverReason: reason, busy: null })),
      () => false,
    );
  };
  const heard = (message: GuardianMessage): void => {
    if (message.kind === 'status') {
      // One that is being replaced may still tell of pairs that are gone.
      const ours = message.pairs.filter((pair) => views.some((view) => view.id === pair.id));
      set(
        views.map((view) => known(ours.find((pair) => pair.id === view.id) ?? view)),
        (pair) => pair.epoch > 0,
      );
    } else if (message.kind === 'detached') unguard(message.reason);
    else {
      const pair = views.find((candidate) => candidate.id === message.pairId);
      if (pair !== undefined) options.happened(message.event, pair);
    }
  };

  const attach = async (): Promise<void> => {
    round += 1;
    const mine = round;
    const found = await options.guardian();
    if (mine !== round || settings.pairs.length === 0) return;
    if ('missing' in found) {
      const { missing, holders } = found;
      const holderOf = Object.entries(holders).filter(([, holder]) => holder !== null);
      set(
        unguardedPairs(settings, missing, Object.fromEntries(holderOf) as Record<string, string>),
        (pair) => holders[pair.id] !== null,
      );
      return;
    }
    guardian = found.attach();
    forget = guardian.on(heard);
  };

  return {
    views: () => views,
    isDecided: (pane) => pane.pairId === null || !undecided.has(pane.pairId),
    inherits: (pane, gatewayId) => {
      const pair = views.find(({ id }) => id === pane?.pairId);
      const isMember = pair?.primaryId === gatewayId || pair?.standbyId === gatewayId;
      return isMember && pair.mirror?.inherited === true;
    },
    attach,
    apply: async (next) => {
      const before = views;
      settings = next;
      undecided = new Set(
        settings.pairs
          .filter(({ id }) => undecided.has(id) || !before.some((view) => view.id === id))
          .map(({ id }) => id),
      );
      views = unguardedPairs(settings, t('pair.guardian-starting')).map((fresh) => {
        const old = before.find((view) => view.id === fresh.id);
        const kept = old?.activeId === fresh.primaryId || old?.activeId === fresh.standbyId;
        return old === undefined || !kept
          ? fresh
          : { ...fresh, activeId: old.activeId, epoch: old.epoch, timeline: old.timeline };
      });
      options.changed(new Set());
      const earlier = guardian;
      guardian = null;
      forget();
      round += 1;
      await earlier?.stop(); // invariant 3
      await attach();
    },
    command: async (pairId, command) => {
      const pair = views.find((candidate) => candidate.id === pairId);
      if (pair === undefined) return fail(appError('not-found', t('pair.gone')));
      if (guardian === null || pair.cover === 'unguarded')
        return fail(appError('offline', t('pair.nobody-listens', { reason: pair.coverReason })));
      const obstacle = pairObstacle(pair, command);
      if (obstacle !== null) return fail(appError('denied', t(obstacle)));
      try {
        const done = await guardian.command(pairId, command);
        return done.ok ? ok({ words: done.value }) : fail(appError('gateway', done.error));
      } catch (error) {
        return fail(appError('offline', errorText(error), true));
      }
    },
    refreshCredentials: () => guardian?.refreshCredentials(),
    detach: async ({ leaveRunning }) => {
      round += 1;
      await (leaveRunning ? guardian?.stop() : guardian?.shutdown());
    },
  };
}
