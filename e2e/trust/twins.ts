import { seededRandom, type SeededRandom } from '../../src/base/testing/seeded-random.ts';
import { startTwinWorld, type Act } from './twin-world.ts';

export interface TwinsOutcome {
  readonly acts: number;
  /** What the work side of one world received. */
  readonly frames: number;
  readonly characters: number;
  /** The first place where the two differ, in words; null: none does. */
  readonly difference: string | null;
}

/**
 * Plays `count` scripts in two worlds that differ in everything personal, and compares what their work sides received after
 * each. `planted`: one of them says something of its own at work.
 */
export async function playTwins(
  count: number,
  seed: number,
  planted: boolean,
): Promise<TwinsOutcome> {
  const worlds = [await startTwinWorld(0), await startTwinWorld(1)];
  let [frames, characters, acts] = [0, 0, 0];
  try {
    for (let number = 0; number < count; number += 1) {
      const script = scriptOf(seededRandom(seed * 1_000_003 + number), number);
      const [one = [], other = []] = await Promise.all(
        worlds.map(async (world, twin) => {
          world.pause();
          for (const act of script) await world.play(act);
          if (planted && twin === 1 && number === 0)
            await world.play({ kind: 'say-work', text: 'I know of the otter' });
          return world.received();
        }),
      );
      acts += script.length;
      frames += one.length;
      characters += one.reduce((sum, text) => sum + text.length, 0);
      const at = Array.from({ length: Math.max(one.length, other.length) }).findIndex(
        (_, place) => one[place] !== other[place],
      );
      if (at === -1) continue;
      const difference = `script ${number}, frame ${at}:\n  ${one[at] ?? 'nothing'}\n  ${other[at] ?? 'nothing'}\n  ${JSON.stringify(script)}`;
      return { acts, frames, characters, difference };
    }
  } finally {
    for (const world of worlds) await world.stop();
  }
  return { acts, frames, characters, difference: null };
}

/** Acts of a script; the same in both worlds. */
function scriptOf(random: SeededRandom, number: number): readonly Act[] {
  const kinds: readonly Act['kind'][] = [
    'say-home',
    'say-work',
    'show-work',
    'asked',
    'told',
    'copy',
    'noise',
    'show-home',
    'trust',
    'approved',
    ...(random.unit() < 0.1 ? (['home-drops'] as const) : []),
  ];
  return Array.from({ length: 3 + Math.floor(random.unit() * 6) }, (_, index): Act => {
    const kind = random.pick(kinds);
    const text = `Line ${number}.${index} of the script`;
    switch (kind) {
      case 'say-home':
      case 'say-work':
      case 'approved':
        return { kind, text };
      case 'show-work':
        return { kind, session: Math.floor(random.unit() * 20) };
      case 'trust':
        return { kind, on: random.unit() < 0.7 };
      default:
        return { kind };
    }
  });
}
