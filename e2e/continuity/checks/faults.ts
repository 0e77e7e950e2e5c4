import { attach } from '../../failover/world/status-feed.ts';
import { socketPath } from '../../../src/ha/index.node.ts';
import { asksWhole } from '../round.ts';
import type { Check } from '../stage.ts';

/** Of reference scenarios 2, 5 and 6 what concerns the conversation: the active gateway freezes in mid-answer; the guardian is killed in mid-answer. */
export const faultCheck: Check = {
  name: 'faults',
  title: 'the guardian is killed, and the active gateway frozen, in the middle of an answer',
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
    feed.close();
    await rig.settledOn('attic');
    check(rig.pair().epoch === epoch, 'the role moved because the guardian died');
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
    await rig.quiet();
    await rig.settledOn('bath');
    check(
      rig.pair().epoch === epoch + 1,
      `${rig.pair().epoch - epoch} changes of role for one freeze`,
    );
    await asksWhole(stage, 'bath');
  },
};
