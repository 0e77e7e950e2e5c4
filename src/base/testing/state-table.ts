/**
 * A set of states that numbers them in the order they were found, which is the order of a breadth-first search.
 *
 * Invariants
 * 1. A state is a fixed number of small integers, kept and compared whole: no two states are ever taken for one, as they
 *    can be where only a hash is kept.
 * 2. A state's number never changes; number n was found before number n + 1.
 */
export interface StateTable {
  readonly size: number;
  /** Adds a state, unless it is known; says whether it was new. */
  add(words: readonly number[], parent: number, step: number): boolean;
  /** Copies state `index` into `into`. */
  load(index: number, into: number[]): void;
  /** From which state, and by which step, it was first reached; -1: it is where the search began. */
  parentOf(index: number): number;
  stepOf(index: number): number;
  /** Bytes held. */
  bytes(): number;
}

const initialCapacity = 1 << 16;

/** @param width how many integers make a state */
export function createStateTable(width: number): StateTable {
  const stride = width + 2;
  let rows = new Int32Array(initialCapacity * stride);
  let slots = new Int32Array(initialCapacity * 2).fill(-1);
  let size = 0;

  const hash = (words: ArrayLike<number>, offset: number): number => {
    let h = 0x9e3779b9;
    for (let index = 0; index < width; index += 1) {
      h = Math.imul(h ^ (words[offset + index] ?? 0), 0x85ebca6b);
      h ^= h >>> 15;
    }
    h = Math.imul(h, 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };

  const isAt = (row: number, words: readonly number[]): boolean => {
    const offset = row * stride;
    for (let index = 0; index < width; index += 1)
      if (rows[offset + index] !== words[index]) return false;
    return true;
  };

  const grow = (): void => {
    const wider = new Int32Array(rows.length * 2);
    wider.set(rows);
    rows = wider;
    slots = new Int32Array(slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let row = 0; row < size; row += 1) {
      let slot = hash(rows, row * stride) & mask;
      while (slots[slot] !== -1) slot = (slot + 1) & mask;
      slots[slot] = row;
    }
  };

  return {
    get size() {
      return size;
    },
    add(words, parent, step) {
      if ((size + 1) * stride > rows.length) grow();
      const mask = slots.length - 1;
      let slot = hash(words, 0) & mask;
      for (let row = slots[slot] ?? -1; row !== -1; row = slots[slot] ?? -1) {
        if (isAt(row, words)) return false;
        slot = (slot + 1) & mask;
      }
      slots[slot] = size;
      const offset = size * stride;
      for (let index = 0; index < width; index += 1) rows[offset + index] = words[index] ?? 0;
      rows[offset + width] = parent;
      rows[offset + width + 1] = step;
      size += 1;
      return true;
    },
    load(index, into) {
      for (let word = 0; word < width; word += 1) into[word] = rows[index * stride + word] ?? 0;
    },
    parentOf: (index) => rows[index * stride + width] ?? -1,
    stepOf: (index) => rows[index * stride + width + 1] ?? -1,
    bytes: () => rows.byteLength + slots.byteLength,
  };
}
