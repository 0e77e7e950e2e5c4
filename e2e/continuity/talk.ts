/** A conversation as lines (`user: …`, `assistant: …`), from a prompt or from a pane, and what is wrong with one. Pure. */
import type { TranscriptMessage } from '../../src/shared/index.ts';
import { lastUserText } from '../support/echo-prompt.ts';

interface PromptMessage {
  readonly role: string;
  readonly content?: unknown;
}

export interface Difference {
  /** Expected and not there. */
  readonly lost: readonly string[];
  /** There more often than expected. */
  readonly twice: readonly string[];
  /** There and not expected at all. */
  readonly foreign: readonly string[];
  /** What is there of the expected lines is in their order. */
  readonly inOrder: boolean;
}

/** The lines of a person's turn and its whole answer by the echo model. */
export function turnLines(said: string): readonly string[] {
  return [`user: ${said}`, `assistant: Echo: ${said}`];
}

/** What of a prompt, as it came to the model, belongs to the conversation: ordinary turns, without instructions and OpenClaw's notes. */
export function promptLines(prompt: string): readonly string[] {
  const { messages = [] } = JSON.parse(prompt) as { readonly messages?: readonly PromptMessage[] };
  return messages.flatMap((message) => {
    const { role } = message;
    if (role === 'user') {
      const text = lastUserText([message]);
      return text === '' ? [] : [`user: ${text}`];
    }
    return role === 'assistant' || role === 'tool' ? [`${role}: ${textOf(message.content)}`] : [];
  });
}

/** What a pane shows. An answer that is not whole says so. */
export function paneLines(messages: readonly TranscriptMessage[]): readonly string[] {
  return messages.map(
    ({ role, text, status }) => `${role}: ${text.trim()}${status === 'done' ? '' : ` (${status})`}`,
  );
}

/** Compares line by line; each line of `expected` is expected once. */
export function difference(expected: readonly string[], found: readonly string[]): Difference {
  const places = new Map<string, number[]>();
  for (const [index, line] of found.entries())
    places.set(line, [...(places.get(line) ?? []), index]);
  const wanted = new Set(expected);
  const firsts = expected.flatMap((line) => places.get(line)?.[0] ?? []);
  return {
    lost: expected.filter((line) => !places.has(line)),
    twice: expected.filter((line) => (places.get(line)?.length ?? 0) > 1),
    foreign: [...places.keys()].filter((line) => !wanted.has(line)),
    inOrder: firsts.every((place, index) => index === 0 || place > (firsts[index - 1] ?? -1)),
  };
}

/** What is wrong, in words; empty when nothing is. */
export function faultsOf(what: string, { lost, twice, foreign, inOrder }: Difference): string[] {
  const list = (name: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`${what}: ${name}: ${lines.slice(0, 3).join(' | ').slice(0, 300)}`];
  return [
    ...list('lost', lost),
    ...list('twice', twice),
    ...list('not expected', foreign),
    ...(inOrder ? [] : [`${what}: not in order`]),
  ];
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content.trim();
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) =>
      typeof part === 'object' && part !== null && 'text' in part ? String(part.text) : '',
    )
    .join('')
    .trim();
}
