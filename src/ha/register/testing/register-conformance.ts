import { describe, expect, it } from 'vitest';

import type { RegisterRecord } from '../../model.ts';
import type { Register } from '../../ports.ts';

const first: RegisterRecord = { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://127.0.0.1:21000' };
const second: RegisterRecord = { epoch: 2, holder: 'home-b', ctr: 2, addr: 'ws://127.0.0.1:21120' };

/** What every register must do. `open` gives a new, empty one, as many times over as there are guardians. */
export function registerConformance(name: string, open: () => Promise<() => Register>): void {
  describe(`${name} as a register`, () => {
    it('begins empty and takes a first record only then', async () => {
      const register = (await open())();
      expect(await register.read()).toEqual({ kind: 'empty' });
      expect(await register.compareAndSwap(first, second)).toEqual({ kind: 'conflict' });
      expect(await register.compareAndSwap(null, first)).toEqual({ kind: 'swapped' });
      expect(await register.read()).toEqual({ kind: 'found', record: first });
      expect(await register.compareAndSwap(null, second)).toEqual({ kind: 'conflict' });
    });

    it.each([
      ['epoch', { ...first, epoch: 9 }],
      ['holder', { ...first, holder: 'home-b' }],
      ['ctr', { ...first, ctr: 9 }],
      ['addr', { ...first, addr: 'ws://127.0.0.1:1' }],
    ])('swaps from exactly what it holds: another %s is a conflict', async (_field, expected) => {
      const register = (await open())();
      await register.compareAndSwap(null, first);
      expect(await register.compareAndSwap(expected, second)).toEqual({ kind: 'conflict' });
      expect(await register.read()).toEqual({ kind: 'found', record: first });
    });

    it('refuses a replay of an old swap', async () => {
      const register = (await open())();
      await register.compareAndSwap(null, first);
      await register.compareAndSwap(first, second);
      expect(await register.compareAndSwap(first, { ...first, epoch: 2, ctr: 2 })).toEqual({
        kind: 'conflict',
      });
      expect(await register.read()).toEqual({ kind: 'found', record: second });
    });

    it('has one winner when several guardians swap at once, round after round', async () => {
      const openOne = await open();
      const guardians = Array.from({ length: 4 }, () => openOne());
      let held: RegisterRecord | null = null;
      for (let epoch = 1; epoch <= 10; epoch += 1) {
        const wishes = guardians.map((_, index) => ({
          epoch,
          holder: `guardian-${index}`,
          ctr: epoch,
          addr: '',
        }));
        const results = await Promise.all(
          guardians.map((guardian, index) => guardian.compareAndSwap(held, wishes[index]!)),
        );
        const winners = wishes.filter((_, index) => results[index]!.kind === 'swapped');
        expect(winners).toHaveLength(1);
        expect(results.filter((result) => result.kind === 'conflict')).toHaveLength(
          guardians.length - 1,
        );
        held = winners[0]!;
        for (const guardian of guardians)
          expect(await guardian.read()).toEqual({ kind: 'found', record: held });
      }
    });
  });
}
