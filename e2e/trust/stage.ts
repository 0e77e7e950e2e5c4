import { errorText } from '../../src/base/index.ts';
import { beginAttack, type Attack, type GroupResult } from './attack.ts';
import { startAttackWorld, type AttackWorld } from './attack-world.ts';
import type { Carrier } from './carriers.ts';
import type { AttackRow } from './corpus.ts';
import type { Finding } from './host-watch.ts';
import { carryReally } from './real-replies.ts';

/** Put in on the wire, or said by the real gateway. */
export type Ways = 'wire' | 'real';

export interface StageResult extends GroupResult {
  /** Why the rows could not be carried; empty when they were. */
  readonly fault: string;
}

export interface Stage {
  /** What was found before the first row. */
  start(): Promise<readonly Finding[]>;
  carry(carrier: Carrier, rows: readonly AttackRow[], ways: Ways): Promise<StageResult>;
  /** Whether anything personal is in what the work gateway keeps. */
  searchWork(): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** The app's folder. */
  readonly root: string;
  /** Rows whose secrets are planted on the personal side. */
  readonly rows: readonly AttackRow[];
  /** Whether trust leads from personal to work. */
  readonly trust: boolean;
}

/** A world that is made anew when something in it breaks: what breaks it twice was not carried. */
export function createStage({ root, rows: all, trust }: StageOptions): Stage {
  const canaries = [...new Set(all.flatMap((row) => row.canaries))];
  let world: AttackWorld | null = null;
  let attack: Attack | null = null;
  let isOver = false;
  const close = async (): Promise<void> => {
    const [open, begun] = [world, attack];
    world = attack = null;
    await begun?.stop().catch(() => undefined); // the app may be gone
    await open?.close();
  };
  const up = async (): Promise<{
    readonly world: AttackWorld;
    readonly attack: Attack;
    readonly early: readonly Finding[];
  }> => {
    if (isOver) throw new Error('the run was stopped');
    if (world !== null && attack !== null) return { world, attack, early: [] };
    world = await startAttackWorld({ root, canaries, trust });
    attack = await beginAttack(world);
    return { world, attack, early: (await attack.look()).findings };
  };
  return {
    start: async () => {
      try {
        return (await up()).early;
      } catch {
        await close(); // a machine that is busy may be too slow once
        return (await up()).early;
      }
    },
    carry: async (carrier, rows, ways) => {
      let fault = '';
      const findings: Finding[] = [];
      for (const _try of [1, 2]) {
        try {
          const now = await up();
          findings.push(...now.early);
          const result =
            ways === 'wire'
              ? await now.attack.carry(carrier, rows)
              : await carryReally(now.world, now.attack, carrier, rows);
          return { ...result, findings: [...findings, ...result.findings], fault: '' };
        } catch (error) {
          fault = errorText(error).split('\n', 1)[0] ?? '';
          findings.push(...((await attack?.look().catch(() => null))?.findings ?? []));
          await close();
        }
      }
      const ids = rows.map(({ id }) => id);
      return { carrier: carrier.name, rows: ids, texts: 0, bytes: 0, calls: {}, findings, fault };
    },
    searchWork: async () => (await up()).attack.searchWork(),
    close: () => {
      isOver = true;
      return close();
    },
  };
}
