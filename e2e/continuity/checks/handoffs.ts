import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { other } from '../rig.ts';
import type { Side } from '../rig-settings.ts';
import { asksWhole } from '../round.ts';
import { paneLines } from '../talk.ts';
import type { Check, Stage } from '../stage.ts';

const longQuestion = `Tell me a long story about ${Array.from({ length: 24 }, (_, index) => `hero ${index}`).join(', ')}.`;

/** The role is given away, in order, while an answer comes and while a tool runs; and it is given back. */
export const handoffCheck: Check = {
  name: 'handoffs',
  title: 'handed over while an answer streams and while a tool runs, and handed back',
  play: async (stage) => {
    const { rig, check } = stage;
    await rig.say('Before any handing over.');

    // An answer that is soon over is waited for; one that takes longer than the guardian waits is given by the other one.
    for (const tokenDelayMs of [100, 400]) {
      rig.model.behave({ kind: 'slow', tokenDelayMs }, 'attic');
      const story = rig.send(`${longQuestion} Take ${tokenDelayMs} ms for each word.`);
      await rig.until('the story has begun', () =>
        rig.tokens.some(({ runId }) => runId === story.id),
      );
      await handOver(stage, 'attic');
      rig.model.behave({ kind: 'normal' }, 'attic');
      await rig.quiet();
      await asksWhole(stage, 'bath');
      await handOver(stage, 'bath');
      await asksWhole(stage, 'attic');
    }

    const ran = join(rig.home, 'tool-ran');
    writeFileSync(ran, '');
    const command = `echo begun >> ${ran}; sleep 4; echo forty-two`;
    // Asked for in the message: the guardian's own checks of the model go on as ever.
    const { text } = rig.send(`/tool exec ${JSON.stringify({ command })}`);
    await rig.until('the tool runs', () => readFileSync(ran, 'utf8') !== '');
    await handOver(stage, 'attic');
    await rig.quiet();
    check(readFileSync(ran, 'utf8') === 'begun\n', 'the tool ran more than once');
    const answers = paneLines(rig.shown()).filter((line) =>
      line.startsWith('assistant: The tool said'),
    );
    check(answers.length === 1, `the turn with the tool has ${answers.length} answers`);
    await asksWhole(stage, 'bath', [text]);
  },
};

/** Hands over from `from`; the command answers when the other one is active. */
async function handOver({ rig, check, figure }: Stage, from: Side): Promise<void> {
  const to = other(from);
  await rig.until(
    `${to} could take over`,
    (_state, { cover, activeId }) => cover === 'protected' && activeId === from,
  );
  const askedMs = rig.now();
  const epoch = rig.pair().epoch;
  const answer = await rig.core.pairCommand('house', 'hand-over');
  check(answer.ok, `not handed over: ${answer.ok ? '' : answer.error.message}`);
  await rig.until(`${to} is active`, (_state, { activeId }) => activeId === to);
  figure(`${from} to ${to}: active ${Math.round(rig.now() - askedMs)} ms after the command`);
  await rig.settledOn(to);
  check(
    rig.pair().epoch === epoch + 1,
    `${rig.pair().epoch - epoch} changes of role for one handing over`,
  );
}
