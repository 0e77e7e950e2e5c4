import type { TextSpan } from '../../shared/index.ts';

/** A part of a text, in one span or in none. */
export interface TextPart<Span extends TextSpan> {
  readonly text: string;
  readonly span: Span | null;
}

/** The whole text in parts, in order. Where spans overlap the earlier one has it; what is beyond the text is left out. */
export function splitMarks<Span extends TextSpan>(
  text: string,
  spans: readonly Span[],
): readonly TextPart<Span>[] {
  const parts: TextPart<Span>[] = [];
  let at = 0;
  const take = (end: number, span: Span | null): void => {
    if (end > at) parts.push({ text: text.slice(at, end), span });
    at = Math.max(at, end);
  };
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    take(Math.min(span.start, text.length), null);
    take(Math.min(span.end, text.length), span);
  }
  take(text.length, null);
  return parts;
}
