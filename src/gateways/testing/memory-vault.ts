import type { SecretVault } from '../../store/index.ts';

/** A vault of its own for a test; `entries` is what it holds. */
export function memoryVault(
  entries = new Map<string, string>(),
): SecretVault & { readonly entries: Map<string, string> } {
  return {
    kind: 'memory',
    detail: 'test',
    entries,
    get: (name) => Promise.resolve(entries.get(name) ?? null),
    set: (name, value) => {
      entries.set(name, value);
      return Promise.resolve();
    },
    delete: (name) => {
      entries.delete(name);
      return Promise.resolve();
    },
  };
}
