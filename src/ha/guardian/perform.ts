/** Carries out what a person asked of a pair, and says what came of it. */
import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { PairCommandName } from '../../shared/index.ts';
import type { GuardedPair } from '../pair/driver.ts';
import type { Drill } from './drill.ts';
import { untilView } from './until-view.ts';
import type { WaitPorts } from './until-view.ts';

/** Above the longest draining and fencing; a change that takes longer goes on, it is only not waited for. */
const waitLimitMs = 60_000;

/** Performs a command; both the value and the error are words for people. */
export async function perform(
  pair: GuardedPair,
  command: PairCommandName,
  drill: Drill,
  ports: WaitPorts,
): Promise<Result<string, string>> {
  if (command === 'drill') return drill.run();
  if (command === 'end-drill') return drill.end();
  if (command === 'hand-over' && drill.isRunning())
    return fail('A drill runs, and moves the role itself. End it first.');
  const before = pair.view();
  const refusal = pair.ask(command);
  if (refusal !== null) return fail(refusal);
  if (command === 'hold') return ok('Automatic changes are on hold.');
  if (command === 'unhold') return ok('Automatic failover works again.');
  const moved = await untilView(
    pair,
    ports,
    (view) => view.epoch > before.epoch && view.busy === null,
    waitLimitMs,
  );
  if (moved === null)
    return fail('It takes longer than a minute; the timeline shows how it goes on.');
  return ok(`${pair.nameOf(moved.activeId)} is active (epoch ${moved.epoch}).`);
}
