/** Settles with the name of the first signal that asks this process to end. The terminal or app that started it may close. */
export function ended(): Promise<string> {
  process.on('SIGHUP', () => undefined);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}
