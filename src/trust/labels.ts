/**
 * Remembers what was copied inside each domain's view, and tells whose text a draft carries.
 *
 * Invariants
 * 1. A text that shares a run of 35 or more characters with a remembered copy carries that copy's domain, whatever was
 *    changed around it; a copy of 12 to 34 characters is found when it occurs whole, one of 4 to 11 when it is the whole text.
 * 2. Letter case, white space, compatibility forms and invisible characters do not matter.
 * 3. Memory is bounded: at most `copies` copies and `characters` characters; the oldest are forgotten first.
 */
import type { DomainId } from '../shared/index.ts';
import { foldText } from '../store/index.ts';

export interface LabelMemory {
  /** A person copied `text` in a view of `domain`. */
  remember(domain: DomainId, text: string): void;
  /** The domains whose copies `text` carries, in alphabetical order. */
  labelsOf(text: string): readonly DomainId[];
}

export interface LabelLimits {
  readonly copies: number;
  readonly characters: number;
}

interface Copy {
  readonly domain: DomainId;
  readonly text: string;
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
  let copies: readonly Copy[] = [];
  let blocks = new Map<string, Set<DomainId>>();

  const addBlocks = ({ domain, text }: Copy): void => {
    if (text.length < longEnoughForBlocks) return;
    for (let start = 0; start + blockLength <= text.length; start += blockStep) {
      const block = text.slice(start, start + blockLength);
      blocks.set(block, (blocks.get(block) ?? new Set()).add(domain));
    }
  };

  return {
    remember: (domain, original) => {
      const text = normalise(original).slice(0, limits.characters);
      if (text.length < shortestCopy) return;
      const kept = copies.filter((copy) => copy.domain !== domain || copy.text !== text);
      const latest = newest([...kept, { domain, text }], limits);
      const onlyAdded = latest.length === copies.length + 1;
      copies = latest;
      if (onlyAdded) {
        addBlocks({ domain, text });
      } else {
        blocks = new Map();
        for (const copy of copies) addBlocks(copy);
      }
    },
    labelsOf: (original) => {
      const text = normalise(original);
      const found = new Set<DomainId>();
      for (const copy of copies) {
        const carried =
          copy.text === text ||
          (copy.text.length >= shortestContained &&
            copy.text.length < longEnoughForBlocks &&
            text.includes(copy.text));
        if (carried) found.add(copy.domain);
      }
      if (blocks.size > 0) {
        for (let start = 0; start + blockLength <= text.length; start += 1) {
          for (const domain of blocks.get(text.slice(start, start + blockLength)) ?? [])
            found.add(domain);
        }
      }
      return [...found].sort();
    },
  };
}

/** The newest copies that fit the limits, oldest first. */
function newest(copies: readonly Copy[], limits: LabelLimits): readonly Copy[] {
  let characters = 0;
  let first = copies.length;
  while (first > 0 && copies.length - first < limits.copies) {
    characters += copies[first - 1]?.text.length ?? 0;
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
