/** Randomness as a port. */
export interface Random {
  /** A number in [0, 1). Not for secrets. */
  unit(): number;
  /** A fresh unguessable identifier (UUID v4). */
  id(): string;
}

/** The platform's randomness: present in Node, Electron and browsers alike. */
export function systemRandom(): Random {
  return { unit: () => Math.random(), id: () => crypto.randomUUID() };
}
