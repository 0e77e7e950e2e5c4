/** One failover as a person meets it: a turn that is not disturbed, then one that is cut off by kill -9 and answered by the other one. */
import { isUpdate, type Duties } from './duties.ts';
import { other, type Rig, type Sent } from './rig.ts';
import type { Side } from './rig-settings.ts';
import type { Stage } from './stage.ts';
import { difference, faultsOf, paneLines, promptLines, turnLines } from './talk.ts';

/** Where the kill falls: in the middle of the answer, or the moment Enter is pressed. */
export type Cut = 'answer' | 'enter';

export interface FailoverRow {
  readonly kind: 'failover';
  readonly number: number;
  readonly cut: Cut;
  readonly from: Side;
  /** From the kill to the next part of the answer in the pane. */
  readonly gapMs: number | null;
  /** From Enter to the first part of the answer in the pane, undisturbed. */
  readonly firstTokenMs: number | null;
  /** The same of the turn that was cut off: to the first part of the answer that stays, the time up to the kill included. */
  readonly firstTokenFailoverMs: number | null;
  /** From the kill to the app's knowing who is active. */
  readonly takeoverMs: number | null;
  /** From the kill to a standby that has everything again. */
  readonly backMs: number | null;
  readonly lost: number;
  readonly twice: number;
  readonly overlapMs: number;
  readonly roleChanges: number;
  /** A job and an update of Telegram before it, and one of each during it. */
  readonly withDuties: boolean;
  /** What is wrong; empty when all is well. */
  readonly faults: readonly string[];
}

/** So many of the newest lines of the pane are compared; it shows 200 rows at least. */
const paneTail = 100;

/** Plays a failover away from the active gateway, and waits until the pair is whole again. Rejects only where it cannot go on. */
export async function playRound(
  rig: Rig,
  number: number,
  cut: Cut,
  duties: Duties | null = null,
): Promise<FailoverRow> {
  const from: Side = rig.pair().activeId === 'bath' ? 'bath' : 'attic';
  const to = other(from);
  await rig.settledOn(from);
  const sinceMs = rig.now();
  const epoch = rig.pair().epoch;
  const fact = await rig.say(
    `Fact ${rig.said.length + 1}: the number of round ${number} is ${number * 7}.`,
  );

  await duties?.before(number, from);

  await rig.settledOn(from);
  await rig.acknowledged();
  if (cut === 'answer') rig.model.behave({ kind: 'hang', afterTokens: 2 }, from);
  const question = rig.send(`Which facts do I know after round ${number}, told in all?`);
  if (cut === 'answer')
    await rig.until('the answer has begun', () =>
      rig.tokens.some(({ runId }) => runId === question.id),
    );
  rig.signal(from, 'SIGKILL');
  const killedMs = rig.now();
  duties?.during(number);
  rig.model.behave({ kind: 'normal' }, from);
  await rig.until(`${to} is active`, (_state, { activeId }) => activeId === to);
  const takeoverMs = rig.now() - killedMs;
  await rig.quiet();

  const { lost, twice, faults } = verdict(rig, question, to, sinceMs);
  await rig.settledOn(to);
  const backMs = rig.now() - killedMs;
  const undone = (await duties?.after(number)) ?? [];
  const roleChanges = rig.pair().epoch - epoch;
  const overlap = rig.overlapMs(sinceMs);
  const answeredMs = firstToken(rig, question, to);
  return {
    kind: 'failover',
    number,
    cut,
    from,
    gapMs: since(killedMs, answeredMs),
    firstTokenMs: since(fact.enteredMs, firstToken(rig, fact, from)),
    firstTokenFailoverMs: since(question.enteredMs, answeredMs),
    takeoverMs,
    backMs,
    lost,
    twice,
    overlapMs: overlap,
    roleChanges,
    withDuties: duties !== null,
    faults: [
      ...faults,
      ...undone,
      ...(roleChanges === 1 ? [] : [`${roleChanges} changes of role`]),
      ...(overlap === 0 ? [] : [`two asked the model for ${Math.round(overlap)} ms`]),
    ],
  };
}

/** What of everything that was said so far is missing or there twice, at the model of `by` and in the pane. */
export function verdict(
  rig: Rig,
  last: Sent,
  by: Side,
  sinceMs: number,
  unlike: readonly string[] = [],
): { readonly lost: number; readonly twice: number; readonly faults: readonly string[] } {
  const whole = rig.said.flatMap(({ text }) =>
    unlike.includes(text) ? [`user: ${text}`] : turnLines(text),
  );
  const ordinary = (lines: readonly string[]): readonly string[] =>
    unlike.length === 0 ? lines : lines.filter((line) => !isOfTool(line));
  const asked = rig.calls.filter(({ text }) => text === last.text);
  const complete = asked.filter(({ isCut, by: who }) => !isCut && who === by);
  const atModel = difference(
    whole.slice(0, -1),
    ordinary(promptLines(complete.at(-1)?.prompt ?? '{}')),
  );
  const inPane = difference(
    whole.slice(-paneTail),
    ordinary(paneLines(rig.shown())).slice(-paneTail),
  );
  const texts = new Set(rig.said.map(({ text }) => text));
  const foreign = rig.calls.filter(
    ({ text, atMs }) => atMs >= sinceMs && !texts.has(text) && !isUpdate(text),
  );
  return {
    lost: new Set([...atModel.lost, ...inPane.lost]).size,
    twice: new Set([...atModel.twice, ...inPane.twice]).size + Math.max(0, complete.length - 1),
    faults: [
      ...faultsOf('at the model', atModel),
      ...faultsOf('in the pane', inPane),
      ...(complete.length === 1
        ? []
        : [`${by} asked the model ${complete.length} times for one answer`]),
      ...foreign.map(
        ({ by: who, text }) => `${who} asked the model by itself: ${text.slice(0, 120)}`,
      ),
    ],
  };
}

/**
 * Asks one more question and finds out whether everything that was said before reaches the model of `by`, and is shown, once
 * each. `unlike`: turns of which only the question is a line like the others.
 */
export async function asksWhole(
  { rig, blame }: Stage,
  by: Side,
  unlike: readonly string[] = [],
): Promise<void> {
  const sinceMs = rig.now();
  const last = await rig.say(`What was said so far, in ${rig.said.length + 1} turns?`);
  await rig.settledOn(by);
  blame(verdict(rig, last, by, sinceMs, unlike).faults);
}

function firstToken(rig: Rig, { id }: Sent, from: Side): number | null {
  return rig.tokens.find((token) => token.runId === id && token.from === from)?.atMs ?? null;
}

/** What the echo model and OpenClaw say around a tool. */
function isOfTool(line: string): boolean {
  return /^(tool: |assistant: (Calling `|The tool said))/u.test(line);
}

function since(fromMs: number, toMs: number | null): number | null {
  return toMs === null ? null : toMs - fromMs;
}
