/**
 * Time as a port, so that everything that waits can be simulated.
 *
 * Two clocks, because they answer different questions: `wallMs` is for people and records, and may jump;
 * `bootMs` never jumps and counts time asleep, and is the only one a lease or a deadline may be measured on.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump in either direction. */
  wallMs(): number;
  /** Milliseconds since some fixed moment; monotonic, and where the system can tell, counts suspended time. */
  bootMs(): number;
  /** Calls `run` once after `delayMs`; returns a function that cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** Waits `delayMs`, or until `signal` is aborted; resolves in both cases (callers look at the signal). */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
