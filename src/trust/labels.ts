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

export interface LabelMemory {
  /** A person copied `text` in a view of `domain`. */
  remember(domain: DomainId, text: string): void;
  /** The domains whose copies `text` carries, in alphabetical order. */
  labelsOf(text: string): readonly DomainId[];
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
  };
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
