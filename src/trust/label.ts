import type { DomainId } from '../shared/index.ts';
import { personal } from './model.ts';

/** Who had a hand in a text: a person, something outside, or what a domain's gateways and agents wrote. */
export type Influence = 'user' | 'ext' | `domain:${DomainId}`;

/** What is known of a text: whose secrets it may hold, and who influenced it. Both in alphabetical order. */
export interface Label {
  readonly sec: readonly DomainId[];
  readonly via: readonly Influence[];
}

/** A person typed it. What a person types carries no label of a domain (DESIGN.md, composer). */
export const typedLabel: Label = { sec: [], via: ['user'] };

/** Nothing is known of it: the worst of both. */
export const unknownLabel: Label = { sec: [personal], via: ['ext'] };

/** It came from a domain's gateway or agent, or was copied in its view. */
export function labelOf(domain: DomainId): Label {
  return { sec: [domain], via: [`domain:${domain}`] };
}

/** The label of what is made of several texts. Without any, it is that of an empty text. */
export function unionOf(labels: readonly Label[]): Label {
  return {
    sec: [...new Set(labels.flatMap(({ sec }) => sec))].sort(),
    via: [...new Set(labels.flatMap(({ via }) => via))].sort(),
  };
}

/** Part of a text, in UTF-16 code units, with a label of its own. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label: Label;
}

/** One change to a text: `removed` code units at `at` replaced by text of a length and a label. */
export interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: number;
  readonly label: Label;
}

/**
 * The spans of a draft after an edit: what stood there keeps its label, however it is cut up. Spans are in order and do
 * not overlap; neighbours of one label are one span.
 */
export function editSpans(spans: readonly Span[], edit: Edit): readonly Span[] {
  const { at, removed, inserted, label } = edit;
  const end = at + removed;
  const shift = inserted - removed;
  const before = spans.flatMap((span) =>
    span.start < at ? [{ ...span, end: Math.min(span.end, at) }] : [],
  );
  const after = spans.flatMap((span) =>
    span.end > end
      ? [{ ...span, start: Math.max(span.start, end) + shift, end: span.end + shift }]
      : [],
  );
  const added = inserted === 0 ? [] : [{ start: at, end: at + inserted, label }];
  return joined([...before, ...added, ...after]);
}

/** The label of a whole draft. */
export function draftLabel(spans: readonly Span[]): Label {
  return unionOf(spans.map(({ label }) => label));
}

/** The spans that hold another domain's text: what a person must see before it goes to `target`. */
export function foreignSpans(spans: readonly Span[], target: DomainId): readonly Span[] {
  return spans.filter(({ label }) => label.sec.some((domain) => domain !== target));
}

function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last?.end === span.start && sameLabel(last.label, span.label))
      result[result.length - 1] = { ...last, end: span.end };
    else result.push(span);
  }
  return result;
}

function sameLabel(left: Label, right: Label): boolean {
  return left.sec.join() === right.sec.join() && left.via.join() === right.via.join();
}
