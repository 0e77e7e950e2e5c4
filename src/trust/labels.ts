/**
 * Remembers what was copied inside each domain's view, and tells whose text a draft carries.
 *
 * Invariants
 * 1. A text that shares a run of 35 or more characters with a remembered copy carries that copy's domain, whatever was
 *    changed around it; a copy of 12 to 34 characters is found when it occurs whole, one of 4 to 11 when it is the whole text.
 * 2. Letter case, white space, compatibility forms and invisible characters do not matter.
 * 3. Memory is bounded for each domain by itself: at most `copies` copies and `characters` characters; its oldest are
 *    forgotten first. What is copied in one domain never makes another's copies forgotten.
 */
import type { DomainId } from '../shared/index.ts';
import { foldText } from '../store/index.ts';
import { labelOf, type Span } from './label.ts';

export interface LabelMemory {
  /** A person copied `text` in a view of `domain`. */
  remember(domain: DomainId, text: string): void;
  /** The domains whose copies `text` carries, in alphabetical order. */
  labelsOf(text: string): readonly DomainId[];
  /**
   * Where `text` carries them, in whole words and in order, for each domain by itself: what a person must see. A domain of
   * `labelsOf` always has a span; where its place cannot be told, that is the whole text.
   */
  spansOf(text: string): readonly Span[];
}

/** What is remembered of one domain. */
export interface LabelLimits {
  readonly copies: number;
  readonly characters: number;
}

/** The copies of one domain, oldest first, and the blocks of the long ones. */
interface DomainMemory {
  readonly copies: readonly string[];
  readonly blocks: Set<string>;
}

/** Blocks of 24 characters at every 12th place: any run of 35 holds a whole one. */
const blockLength = 24;
const blockStep = 12;
const longEnoughForBlocks = blockLength + blockStep - 1;
const shortestContained = 12;
const shortestCopy = 4;

/** Makes an empty memory. */
export function createLabelMemory(
  limits: LabelLimits = { copies: 200, characters: 200_000 },
): LabelMemory {
  const domains = new Map<DomainId, DomainMemory>();
  return {
    remember: (domain, original) => {
      const text = normalise(original).slice(0, limits.characters);
      if (text.length < shortestCopy) return;
      const { copies, blocks } = domains.get(domain) ?? { copies: [], blocks: new Set<string>() };
      const latest = newest([...copies.filter((copy) => copy !== text), text], limits);
      const onlyAdded = latest.length === copies.length + 1;
      if (onlyAdded) addBlocks(blocks, text);
      domains.set(domain, { copies: latest, blocks: onlyAdded ? blocks : blocksOf(latest) });
    },
    labelsOf: (original) => {
      const text = normalise(original);
      return [...domains]
        .filter(([, memory]) => carries(text, memory))
        .map(([domain]) => domain)
        .sort();
    },
    spansOf: (original) => {
      const text = normalise(original);
      const words = wordsOf(original);
      return [...domains]
        .filter(([, memory]) => carries(text, memory))
        .flatMap(([domain, memory]) => {
          const label = labelOf(domain);
          const spans = carriedWords(words, memory).map((span) => ({ ...span, label }));
          return spans.length > 0 ? spans : [{ start: 0, end: original.length, label }];
        })
        .sort((left, right) => left.start - right.start);
    },
  };
}

/** A word where it stands, and where its normal form stands in the normal form of the whole. */
interface Word {
  readonly start: number;
  readonly end: number;
  readonly normal: string;
  readonly normalStart: number;
}

function wordsOf(original: string): readonly Word[] {
  const words: Word[] = [];
  let normalStart = 0;
  for (const { 0: word, index } of original.matchAll(/\S+/gu)) {
    const normal = normalise(word);
    if (normal === '') continue;
    words.push({ start: index, end: index + word.length, normal, normalStart });
    normalStart += normal.length + 1;
  }
  return words;
}

function carriedWords(
  words: readonly Word[],
  { copies, blocks }: DomainMemory,
): readonly { readonly start: number; readonly end: number }[] {
  const text = words.map(({ normal }) => normal).join(' ');
  const carried = new Array<boolean>(text.length).fill(false);
  for (const copy of copies) {
    if (copy.length >= longEnoughForBlocks) continue;
    if (copy !== text && copy.length < shortestContained) continue;
    for (let at = text.indexOf(copy); at !== -1; at = text.indexOf(copy, at + 1))
      carried.fill(true, at, at + copy.length);
  }
  for (let at = 0; blocks.size > 0 && at + blockLength <= text.length; at += 1) {
    if (!blocks.has(text.slice(at, at + blockLength))) continue;
    const run = runAround(text, at, copies);
    carried.fill(true, run.start, run.end);
    at = run.end - blockLength;
  }
  const spans: { start: number; end: number }[] = [];
  let isInside = false;
  for (const { start, end, normal, normalStart } of words) {
    const isCarried = carried.slice(normalStart, normalStart + normal.length).includes(true);
    const last = spans.at(-1);
    if (isCarried && isInside && last !== undefined) last.end = end;
    else if (isCarried) spans.push({ start, end });
    isInside = isCarried;
  }
  return spans;
}

function carries(text: string, { copies, blocks }: DomainMemory): boolean {
  const isCarried = (copy: string): boolean =>
    copy === text ||
    (copy.length >= shortestContained && copy.length < longEnoughForBlocks && text.includes(copy));
  if (copies.some(isCarried)) return true;
  if (blocks.size === 0) return false;
  for (let start = 0; start + blockLength <= text.length; start += 1)
    if (blocks.has(text.slice(start, start + blockLength))) return true;
  return false;
}

/** The longest run that stands around a known block in the text as it stands in a copy. */
function runAround(
  text: string,
  block: number,
  copies: readonly string[],
): { readonly start: number; readonly end: number } {
  const letters = text.slice(block, block + blockLength);
  let start = block;
  let end = block + blockLength;
  for (const copy of copies) {
    const found = copy.indexOf(letters);
    if (found === -1) continue;
    let left = 0;
    while (block > left && found > left && text[block - left - 1] === copy[found - left - 1])
      left += 1;
    let right = blockLength;
    while (text[block + right] !== undefined && text[block + right] === copy[found + right])
      right += 1;
    start = Math.min(start, block - left);
    end = Math.max(end, block + right);
  }
  return { start, end };
}

function blocksOf(copies: readonly string[]): Set<string> {
  const blocks = new Set<string>();
  for (const copy of copies) addBlocks(blocks, copy);
  return blocks;
}

function addBlocks(blocks: Set<string>, copy: string): void {
  if (copy.length < longEnoughForBlocks) return;
  for (let start = 0; start + blockLength <= copy.length; start += blockStep)
    blocks.add(copy.slice(start, start + blockLength));
}

/** The newest copies that fit the limits, oldest first. */
function newest(copies: readonly string[], limits: LabelLimits): readonly string[] {
  let characters = 0;
  let first = copies.length;
  while (first > 0 && copies.length - first < limits.copies) {
    characters += copies[first - 1]?.length ?? 0;
    if (characters > limits.characters) break;
    first -= 1;
  }
  return copies.slice(first);
}

/** What a person cannot see must not hide a copy: format characters, variation selectors, kinds of white space. */
function normalise(text: string): string {
  return foldText(text.replace(/[\p{Cf}\p{DI}]/gu, ''))
    .replace(/\s+/gu, ' ')
    .trim();
}
