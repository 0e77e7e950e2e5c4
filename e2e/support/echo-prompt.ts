/** What OpenClaw 2026.9 puts around a person's text before it reaches a model, taken off again. Pure. */

interface PromptMessage {
  readonly role: string;
  readonly content?: unknown;
}

/** The text of the last thing a person (or a probe) said in a prompt; empty when there is none. */
export function lastUserText(messages: readonly PromptMessage[]): string {
  for (const message of messages.toReversed()) {
    if (message.role !== 'user') continue;
    const text = contentText(message.content);
    if (!text.startsWith('<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>')) return bareText(text);
  }
  return '';
}

/** The result of a tool call that the prompt ends with; null when it does not end with one. */
export function lastToolResult(messages: readonly PromptMessage[]): string | null {
  const visible = messages.filter(
    (message) => !contentText(message.content).startsWith('<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>'),
  );
  const last = visible.at(-1);
  return last?.role === 'tool' ? contentText(last.content) : null;
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) =>
      typeof part === 'object' && part !== null && 'text' in part ? String(part.text) : '',
    )
    .join('');
}

function bareText(text: string): string {
  return (
    text
      .replace(/^\[[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} \d{2}:\d{2} [^\]]+\] /u, '')
      .replace(/^Conversation info: ⟦openclaw:ctx⟧\n```json\n[\s\S]*?\n```\n\n/u, '')
      .replace(/\n\nRuntime: agent=[^\n]*$/u, '')
      // After a failed call it tries again with the message wrapped up like this.
      .replace(
        /^\[Queued user message from a previous active turn;[^\]]*\]\n([\s\S]*?)\n\nContinue the current task[\s\S]*$/u,
        '$1',
      )
      .trim()
  );
}
