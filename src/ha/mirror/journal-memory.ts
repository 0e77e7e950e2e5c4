/** What a journal remembers besides its transcripts: a text that is allowed to be lost, or to be damaged. */
import { isFields } from '../fields.ts';
import type { Fields } from '../fields.ts';
import type { Mark } from './model.ts';
import { isMark } from './protocol.ts';

export interface JournalMemory {
  /** What both sides had when they were last in step, by key. */
  readonly inStep: Map<string, Mark>;
  /** Branches that are being written, by key: without the row after them, OpenClaw would show them. */
  readonly branches: Map<string, Branch>;
  /** The highest epoch that was heard of. */
  epoch: number;
}

export interface Branch {
  readonly sessionId: string;
  /** Where the branch that is to be shown ends. */
  readonly leaf: string | null;
  /** The ids of the rows that are written. */
  readonly rows: readonly string[];
}

/** Reads what `memoryText` wrote for this pair; what does not fit is left out. */
export function readMemory(text: string | null, pair: string): JournalMemory {
  const found = parsed(text);
  const isOurs = found['version'] === 1 && found['pair'] === pair;
  const { inStep, branches, epoch } = isOurs ? found : {};
  return {
    inStep: mapOf(inStep, isMark),
    branches: mapOf(branches, isBranch),
    epoch: typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0,
  };
}

/** The memory as a text; another pair has other epochs and another copy. */
export function memoryText({ inStep, branches, epoch }: JournalMemory, pair: string): string {
  return JSON.stringify({
    version: 1,
    pair,
    epoch,
    branches: Object.fromEntries(branches),
    inStep: Object.fromEntries(inStep),
  });
}

function parsed(text: string | null): Fields {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

function mapOf<T>(value: unknown, fits: (each: unknown) => each is T): Map<string, T> {
  return new Map(
    Object.entries(isFields(value) ? value : {}).flatMap(([key, each]) =>
      fits(each) ? [[key, each]] : [],
    ),
  );
}

function isBranch(value: unknown): value is Branch {
  if (!isFields(value)) return false;
  const { sessionId, leaf, rows } = value;
  return (
    typeof sessionId === 'string' &&
    (leaf === null || typeof leaf === 'string') &&
    Array.isArray(rows) &&
    rows.every((id) => typeof id === 'string')
  );
}
