/** What is still to happen, in order of time; what is due at the same moment happens in the order it was entered. */
export interface Agenda {
  /** True time in milliseconds; no host can see it. */
  nowMs(): number;
  at(timeMs: number, run: () => void): void;
  after(delayMs: number, run: () => void): void;
  /** Does what is next; false if that is later than `endMs`, or there is nothing. */
  step(endMs: number): boolean;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** An empty agenda at time 0, kept as a binary heap. */
export function createAgenda(): Agenda {
  const heap: Entry[] = [];
  let now = 0;
  let order = 0;
  const isBefore = (left: Entry, right: Entry): boolean =>
    left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);

  const push = (entry: Entry): void => {
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!isBefore(entry, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = entry;
  };

  const pop = (): Entry | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!isBefore(heap[below]!, last)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
    return first;
  };

  const at = (timeMs: number, run: () => void): void => {
    push({ atMs: Math.max(now, timeMs), order: order++, run });
  };
  return {
    nowMs: () => now,
    at,
    after: (delayMs, run) => at(now + Math.max(0, delayMs), run),
    step: (endMs) => {
      const next = heap[0];
      if (next === undefined || next.atMs > endMs) return false;
      pop();
      now = next.atMs;
      next.run();
      return true;
    },
  };
}
