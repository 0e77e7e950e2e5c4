/** What a check of the suite is played on, and what came of it. */
import { errorText } from '../../src/base/index.ts';
import type { GatewayRuntime } from '../../src/gateways/index.node.ts';
import { startRig, type Rig, type RigOptions } from './rig.ts';

export interface Stage {
  readonly rig: Rig;
  /** Fails the check unless it holds. */
  check(holds: boolean, words: string): void;
  /** Takes these in as what is wrong. */
  blame(faults: readonly string[]): void;
  /** Something measured, for people. */
  figure(words: string): void;
}

export interface Check {
  readonly name: string;
  readonly title: string;
  readonly rig?: Omit<RigOptions, 'timeline'>;
  play(stage: Stage): Promise<void>;
}

export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly ok: boolean;
  /** What is wrong; empty when all is well. */
  readonly faults: readonly string[];
  readonly figures: readonly string[];
  readonly tookMs: number;
}

/** Plays a check on a rig of its own; `timeline` is a file for what happened. Never rejects. */
export async function play(
  check: Check,
  runtime: GatewayRuntime,
  timeline: string,
): Promise<Outcome> {
  const startedMs = performance.now();
  const faults: string[] = [];
  const figures: string[] = [];
  let rig: Rig | null = null;
  try {
    rig = await startRig(runtime, { ...check.rig, timeline });
    await rig.settledOn('attic');
    await check.play({
      rig,
      check: (holds, words) => {
        if (!holds) faults.push(words);
      },
      blame: (found) => faults.push(...found),
      figure: (words) => figures.push(words),
    });
  } catch (error) {
    faults.push(errorText(error));
  }
  for (const fault of faults) rig?.note(`FAULT ${fault}`);
  try {
    await rig?.stop();
  } catch (error) {
    faults.push(`not stopped: ${errorText(error)}`);
  }
  const { name, title } = check;
  const tookMs = performance.now() - startedMs;
  return { name, title, ok: faults.length === 0, faults, figures, tookMs };
}
