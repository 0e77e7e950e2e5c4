/** How long a press counts. Long enough for a slow page to answer it, too short to be saved up. */
const gestureMs = 1_000;

/**
 * What a person last pressed and in which page, as main itself saw it on its way there: no script can make it true.
 *
 * Invariants
 * 1. A press counts for the page it went to, for one second, and until the next press anywhere.
 * 2. What has been taken is gone: one press opens at most one question, or moves the keyboard at most once.
 */
export interface Gestures {
  /** A key (by its name, `Tab`) or a mouse button (null) went down in `page`, a WebContents id. */
  pressed(page: number, key: string | null): void;
  has(page: number): boolean;
  take(page: number): boolean;
  /** Takes the press if it was Tab. */
  takeTab(page: number): boolean;
}

/** Nothing pressed yet; `nowMs` is any clock that only goes forward. */
export function createGestures(nowMs: () => number): Gestures {
  let last: { readonly page: number; readonly key: string | null; readonly atMs: number } | null =
    null;
  const has = (page: number): boolean =>
    last !== null && last.page === page && nowMs() - last.atMs < gestureMs;
  const take = (page: number): boolean => {
    if (!has(page)) return false;
    last = null;
    return true;
  };
  return {
    pressed: (page, key) => {
      last = { page, key, atMs: nowMs() };
    },
    has,
    take,
    takeTab: (page) => last?.key === 'Tab' && take(page),
  };
}
