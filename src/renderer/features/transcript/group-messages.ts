import type { TranscriptMessage } from '../../../shared/index.ts';

/** How a message stands among its neighbours; equal from one render to the next unless it changed. */
export interface MessagePlace {
  /** First of a run by the same role: shows who and when. */
  readonly leads: boolean;
  /** First of a day: shows the date. */
  readonly startsDay: boolean;
}

const runGapMs = 5 * 60_000;

/** Where runs of messages by one role begin, and where days do. `dayOf` names the local day of a wall time. */
export function groupMessages(
  messages: readonly TranscriptMessage[],
  dayOf: (atMs: number) => string = localDay,
): readonly MessagePlace[] {
  return messages.map((message, index) => {
    const before = messages[index - 1];
    if (before === undefined) return { leads: true, startsDay: true };
    const startsDay = dayOf(before.atMs) !== dayOf(message.atMs);
    return {
      leads: startsDay || before.role !== message.role || message.atMs - before.atMs > runGapMs,
      startsDay,
    };
  });
}

function localDay(atMs: number): string {
  return new Date(atMs).toDateString();
}
