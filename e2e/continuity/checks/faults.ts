import { delay } from '../../../src/base/index.ts';
import { systemClock } from '../../../src/base/index.node.ts';
import { attach } from '../../failover/world/status-feed.ts';
import { socketPath } from '../../../src/ha/index.node.ts';
import type { Rig } from '../rig.ts';
import { asksWhole } from '../round.ts';
import type { Check } from '../stage.ts';

/** Longer than any lease of the pair, in milliseconds. */
const asleepMs = 10_000;

/**
 * Of reference scenarios 2, 5, 6 and 22 what concerns the conversation: in the middle of an answer the guardian is killed, the
 * guardian freezes, the active gateway freezes, and the computer goes to sleep before anybody could take over.
 */
export const faultCheck: Check = {
  name: 'faults',
  title:
    'in mid-answer the guardian dies, freezes, the active gateway freezes, the computer sleeps',
  play: async (stage) => {
    const { rig, check, figure } = stage;
    const epoch = rig.pair().epoch;
    const feed = attach(socketPath(rig.home));
    await feed.until(() => true);
    const guardian = feed.pid();
    rig.model.behave({ kind: 'slow', tokenDelayMs: 100 }, 'attic');
    const first = rig.send(
      'Go on while nobody watches, one two three four five six seven eight nine ten.',
    );
    await rig.until('the answer has begun', () =>
      rig.tokens.some(({ runId }) => runId === first.id),
    );
    rig.note('the guardian is killed');
    if (guardian !== null) process.kill(guardian, 'SIGKILL');
    await rig.quiet();
    rig.model.behave({ kind: 'normal' }, 'attic');
    await feed.until(({ epoch: known }) => known > 0 && feed.pid() !== guardian);
    await rig.settledOn('attic');
    check(rig.pair().epoch === epoch, 'the role moved because the guardian died');
    await asksWhole(stage, 'attic');
    await rig.settledOn('attic');

    rig.model.behave({ kind: 'slow', tokenDelayMs: 100 }, 'attic');
    const frozenTurn = rig.send('Go on while the one who watches is frozen, one two three four.');
    await rig.until('the answer has begun', () =>
      rig.tokens.some(({ runId }) => runId === frozenTurn.id),
    );
    await stopped([feed.pid()], rig);
    await rig.quiet();
    rig.model.behave({ kind: 'normal' }, 'attic');
    await rig.settledOn('attic');
    check(rig.pair().epoch === epoch, 'the role moved because the guardian was frozen');
    await asksWhole(stage, 'attic');
    await rig.settledOn('attic');

    rig.model.behave({ kind: 'hang', afterTokens: 2 }, 'attic');
    const second = rig.send('And what if you freeze in the middle of this?');
    await rig.until('the answer has begun', () =>
      rig.tokens.some(({ runId }) => runId === second.id),
    );
    const frozenMs = rig.now();
    rig.signal('attic', 'SIGSTOP');
    await rig.until('bath is active', (_state, { activeId }) => activeId === 'bath');
    figure(`active ${Math.round(rig.now() - frozenMs)} ms after the other one froze`);
    rig.model.behave({ kind: 'normal' }, 'attic');
    await rig.settledOn('bath');
    check(
      rig.pair().epoch === epoch + 1,
      `${rig.pair().epoch - epoch} changes of role for one freeze`,
    );
    // What a gateway did while nobody heard it is not known: then the question is put to the person, who lets it be.
    const isParked = rig.core.state().outbox.some(({ id }) => id === second.id);
    if (isParked) rig.core.discard(second.id);
    figure(isParked ? 'the question was put to the person' : 'the other one gave the answer');
    const unlike = isParked ? [second.text] : [];
    await rig.quiet();
    await asksWhole(stage, 'bath', unlike);
    await rig.settledOn('bath');

    rig.model.behave({ kind: 'slow', tokenDelayMs: 100 }, 'bath');
    const third = rig.send('And what if the computer sleeps in the middle of this, one two three?');
    await rig.until('the answer has begun', () =>
      rig.tokens.some(({ runId }) => runId === third.id),
    );
    await stopped([feed.pid(), rig.pid('bath'), rig.pid('attic')], rig);
    feed.close();
    await rig.quiet();
    rig.model.behave({ kind: 'normal' }, 'bath');
    const awake = rig.pair().activeId === 'bath' ? 'bath' : 'attic';
    await rig.settledOn(awake);
    figure(`after its sleep ${awake} is active, epoch ${rig.pair().epoch}`);
    await asksWhole(stage, awake, unlike);
  },
};

/** Processes are frozen, all at once, for longer than a lease. */
async function stopped(pids: readonly (number | null)[], rig: Rig): Promise<void> {
  const known = pids.filter((pid) => pid !== null);
  rig.note(`frozen: ${known.join(', ')}`);
  for (const pid of known) process.kill(pid, 'SIGSTOP');
  await delay(systemClock(), asleepMs); // the fault itself: nothing that is awaited
  rig.note('awake');
  for (const pid of known) process.kill(pid, 'SIGCONT');
}
