import { mainSession } from '../rig.ts';
import { promptLines } from '../talk.ts';
import type { Check } from '../stage.ts';

/**
 * On hold, the standby is frozen and misses what is said last; then the active one freezes too, and a person forces the
 * other one. What only the old one has comes back with it, as a branch.
 */
export const divergenceCheck: Check = {
  name: 'divergence',
  title: 'forced takeover by a standby that missed the last words; they stay as a branch',
  play: async ({ rig, check, figure }) => {
    await rig.say('Both of you know this.');
    await rig.settledOn('attic');
    const held = await rig.core.pairCommand('house', 'hold');
    check(held.ok, 'the pair could not be put on hold');

    rig.signal('bath', 'SIGSTOP');
    await rig.until('bath is missed', (_state, { checks }) =>
      checks.some(({ gatewayId, misses }) => gatewayId === 'bath' && misses > 0),
    );
    await rig.say('Only Attic knows this.');
    const frozen = rig.pid('attic');
    rig.signal('attic', 'SIGSTOP');
    rig.signal('bath', 'SIGCONT');
    await rig.until(
      'bath answers, attic does not',
      (_state, { checks }) =>
        checks.some(({ gatewayId, ok }) => gatewayId === 'bath' && ok) &&
        checks.some(({ gatewayId, ok, misses }) => gatewayId === 'attic' && !ok && misses >= 3),
    );
    check(rig.pair().activeId === 'attic', 'the role moved by itself though it is on hold');
    const forcedMs = rig.now();
    const forced = await rig.core.pairCommand('house', 'force');
    check(forced.ok, `not forced: ${forced.ok ? '' : forced.error.message}`);
    await rig.until('bath is active', (_state, { activeId }) => activeId === 'bath');
    figure(`active ${Math.round(rig.now() - forcedMs)} ms after it was forced`);
    await rig.say('Bath goes on alone.');
    await rig.until('attic was ended and started again', () => rig.pid('attic') !== frozen);
    await rig.core.pairCommand('house', 'unhold');
    await rig.settledOn('bath');

    const [here, there] = [await rig.marks('attic'), await rig.marks('bath')];
    check(JSON.stringify(here) === JSON.stringify(there), 'the two do not hold the same');
    for (const side of ['attic', 'bath'] as const) {
      const { branches } = (await rig.rpc(side, 'sessions.branches.list', {
        sessionKey: mainSession,
      })) as {
        readonly branches: readonly { readonly headline?: string; readonly active: boolean }[];
      };
      const [kept] = branches.filter(({ active }) => !active);
      check(branches.length === 2, `${side} shows ${branches.length} branches`);
      check(
        kept?.headline?.includes('Only Attic knows this.') === true,
        `${side} keeps as a branch: ${kept?.headline ?? 'none'}`,
      );
    }
    await rig.say('And on.');
    const prompt = promptLines(
      rig.calls.findLast(({ text }) => text === 'And on.')?.prompt ?? '{}',
    );
    check(
      prompt.includes('assistant: Echo: Bath goes on alone.'),
      'the model was not asked with what Bath said',
    );
    check(
      prompt.includes('assistant: Echo: Both of you know this.'),
      'the model was not asked with what both knew',
    );
    check(
      !prompt.join('\n').includes('Only Attic knows this.'),
      'the branch that lost is in the prompt',
    );
  },
};
