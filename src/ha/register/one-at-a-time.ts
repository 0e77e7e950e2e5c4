/** Runs tasks one after the other, in the order they came. Tasks must not reject. */
export function oneAtATime(): <T>(task: () => Promise<T>) => Promise<T> {
  let line: Promise<unknown> = Promise.resolve();
  return (task) => {
    const turn = line.then(task);
    line = turn;
    return turn;
  };
}
