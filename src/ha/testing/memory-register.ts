import type { RegisterRecord } from '../model.ts';
import type { Register } from '../ports.ts';
import { sameRecord } from '../register/record.ts';

/** A register that forgets when the process ends; its contract is the same as that of the real ones. */
export function memoryRegister(): Register {
  let held: RegisterRecord | null = null;
  return {
    read: async () => (held === null ? { kind: 'empty' } : { kind: 'found', record: held }),
    compareAndSwap: async (expected, next) => {
      const matches =
        held === null ? expected === null : expected !== null && sameRecord(held, expected);
      if (!matches) return { kind: 'conflict' };
      held = next;
      return { kind: 'swapped' };
    },
  };
}
