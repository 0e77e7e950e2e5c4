import { addressOf } from '../store/index.ts';

/** How a text begins: with the name of someone, or not. */
export interface Address {
  /** What stands after `@`, as typed; null when the text addresses nobody. */
  readonly name: string | null;
  /** The text without the address; `@@` at the start is one `@` of the text. */
  readonly rest: string;
}

/** Names end at 60 characters; the limit keeps hostile text cheap. */
const addressed = /^\s*@([\p{L}\p{N}][^\s@]{0,99})(?:\s+|$)/u;
const escaped = /^(\s*)@@/u;
const closing = /[\p{P}\p{S}]+$/u;

/** Reads `@name` at the start of a text. Elsewhere an @ is text. */
export function readAddress(text: string): Address {
  if (escaped.test(text)) return { name: null, rest: text.replace(escaped, '$1@') };
  const found = addressed.exec(text);
  const name = found?.[1]?.replace(closing, '') ?? '';
  if (found === null || addressOf(name) === '') return { name: null, rest: text };
  return { name, rest: text.slice(found[0].length) };
}
