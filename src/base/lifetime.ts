/**
 * Owns what has to be stopped.
 *
 * Invariants
 * 1. What was added last is stopped first.
 * 2. `stop` runs once; a second call waits for the first. One stop function that fails does not keep the others from running.
 */
export interface Lifetime {
  add(stop: () => void | Promise<void>): void;
  stop(): Promise<readonly unknown[]>;
  readonly signal: AbortSignal;
}

/** Makes an empty lifetime. `stop` resolves to the errors that stop functions threw (bugs, for the log). */
export function createLifetime(): Lifetime {
  const stops: (() => void | Promise<void>)[] = [];
  const controller = new AbortController();
  let stopping: Promise<readonly unknown[]> | undefined;
  return {
    signal: controller.signal,
    add: (stop) => {
      stops.push(stop);
    },
    stop: () => {
      stopping ??= (async () => {
        controller.abort();
        const errors: unknown[] = [];
        for (const stop of stops.reverse()) {
          try {
            await stop();
          } catch (error) {
            errors.push(error);
          }
        }
        return errors;
      })();
      return stopping;
    },
  };
}
