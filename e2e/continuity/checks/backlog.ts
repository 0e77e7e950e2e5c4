import { appendToArchive, archive, beginArchive } from '../bulk.ts';
import { asksWhole } from '../round.ts';
import type { Check } from '../stage.ts';

const messages = 10_000;

/** The standby is away while messages are appended to the active one's transcript; then it catches up, and that is seen. */
export const backlogCheck: Check = {
  name: 'backlog',
  title: `the standby is away while ${messages.toLocaleString('en')} messages come, and catches up`,
  play: async (stage) => {
    const { rig, check, figure } = stage;
    await rig.say('Before the standby goes away.');
    await beginArchive(rig, 'attic');
    await rig.settledOn('attic');

    const mayComeBack = await rig.takeAway('bath');
    await rig.until(
      'it is seen that bath is away',
      (_state, { mirror }) => mirror?.state === 'away',
    );
    const appendedMs = rig.now();
    await appendToArchive(rig, 'attic', messages, 'one of many.');
    figure(`appended in ${seconds(rig.now() - appendedMs)}`);
    await rig.say('While the standby is away.');

    const held: number[] = [];
    let behind = 0;
    const watch = rig.core.onState(() => {
      const { mirror } = rig.pair();
      if (mirror === null || mirror.state !== 'catching-up') return;
      behind = Math.max(behind, mirror.rows);
      if (held.at(-1) !== mirror.held) held.push(mirror.held);
    });
    await mayComeBack();
    await rig.until('bath is back', (_state, { mirror }) => mirror?.state !== 'away');
    const backMs = rig.now();
    await rig.until(
      'bath has everything',
      (_state, { mirror }) => mirror?.state === 'in-step',
      300_000,
    );
    watch();
    figure(
      `caught up in ${seconds(rig.now() - backMs)}, seen in ${held.length} steps, most behind: ${behind} rows`,
    );
    check(held.length >= 3, `the progress was seen in ${held.length} steps only`);
    check(
      held.every((rows, index) => index === 0 || rows >= (held[index - 1] ?? 0)),
      'the rows that both have became fewer on the way',
    );
    check(behind >= messages / 2, `at most ${behind} rows were said to be missing`);
    const [here, there] = [await rig.marks('attic'), await rig.marks('bath')];
    check(JSON.stringify(here) === JSON.stringify(there), 'the two do not hold the same');
    check(
      (there[archive]?.rows ?? 0) > messages,
      `bath has ${there[archive]?.rows ?? 0} rows of the archive`,
    );

    await rig.settledOn('attic');
    const answer = await rig.core.pairCommand('house', 'hand-over');
    check(answer.ok, `not handed over: ${answer.ok ? '' : answer.error.message}`);
    await asksWhole(stage, 'bath');
  },
};

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
