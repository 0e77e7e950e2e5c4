import type { PaneChange, PaneHead, TranscriptMessage } from '../../shared/index.ts';

/** One session as its view shows it. Messages are in the order in which they came; unchanged ones keep their identity. */
export interface Conversation {
  readonly head: PaneHead;
  readonly messages: readonly TranscriptMessage[];
}

/** What a change makes of the conversation: a whole new one, or new and changed messages by id. */
export function mergeConversation(
  conversation: Conversation | null,
  change: PaneChange,
): Conversation {
  const base = change.reset ?? conversation?.messages ?? [];
  return { head: change.head, messages: upsert(base, change.upsert ?? []) };
}

function upsert(
  messages: readonly TranscriptMessage[],
  changed: readonly TranscriptMessage[],
): readonly TranscriptMessage[] {
  if (changed.length === 0) return messages;
  const next = [...messages];
  for (const message of changed) {
    // From the end: what changes is nearly always the answer that streams.
    const index = next.findLastIndex((candidate) => candidate.id === message.id);
    if (index === -1) next.push(message);
    else next[index] = message;
  }
  return next;
}
