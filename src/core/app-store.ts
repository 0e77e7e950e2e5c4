/**
 * The one place that holds the AppState.
 *
 * Invariants
 * 1. Each state is frozen and has the revision of the one before plus one.
 * 2. Listeners hear of the newest state within `announceAfterMs`, once, however many changes it took.
 */
import { createEmitter } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { emptyAppState } from '../shared/index.ts';
import type { AppState } from '../shared/index.ts';

export interface AppStore {
  get(): AppState;
  /** Replaces the parts given. */
  set(change: Partial<Omit<AppState, 'revision'>>): void;
  onChange(listener: (state: AppState) => void): () => void;
}

/** One frame of a screen: a person sees no difference, and a flood of changes costs sixty announcements a second. */
const announceAfterMs = 16;

/** Makes a store with the empty state. */
export function createAppStore(clock: Clock): AppStore {
  let state = emptyAppState;
  let announced = true;
  const changes = createEmitter<AppState>();
  return {
    get: () => state,
    set: (change) => {
      state = Object.freeze({ ...state, ...change, revision: state.revision + 1 });
      if (!announced) return;
      announced = false;
      clock.after(announceAfterMs, () => {
        announced = true;
        changes.emit(state);
      });
    },
    onChange: changes.on,
  };
}
