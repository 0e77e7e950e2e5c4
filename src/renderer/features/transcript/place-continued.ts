import type { Continuation, TranscriptMessage } from '../../../shared/index.ts';

/**
 * Where the lines "continued on …" stand: by the index of the message that each is drawn before, the number of messages
 * for one after the last. Of several with nothing said in between the last counts, and none if that is where it was before;
 * one before everything is not drawn.
 */
export function placeContinued(
  messages: readonly Pick<TranscriptMessage, 'atMs'>[],
  continued: readonly Continuation[],
): ReadonlyMap<number, Continuation> {
  const places = new Map<number, Continuation>();
  for (const continuation of continued) {
    const place = messages.findLastIndex(({ atMs }) => atMs <= continuation.atMs) + 1;
    places.set(place, continuation);
  }
  let before: string | null = null;
  for (const [place, { member }] of places) {
    if (place === 0 || member === before) places.delete(place);
    before = member;
  }
  return places;
}
