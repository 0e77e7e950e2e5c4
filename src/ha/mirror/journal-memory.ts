/** What a journal remembers besides its transcripts: a text that is allowed to be lost, or to be damaged. */
import { isFields } from '../fields.ts';
import type { Mark } from './model.ts';
import { isMark } from './protocol.ts';

/** What both sides had when they were last in step, by key. */
export type InStep = Map<string, Mark>;

/** Reads what `memoryText` wrote; what does not fit is left out. */
export function readMemory(text: string | null): InStep {
  const found = parsed(text);
  if (!isFields(found) || found['version'] !== 1 || !isFields(found['inStep'])) return new Map();
  return new Map(
    Object.entries(found['inStep']).flatMap(([key, mark]) => (isMark(mark) ? [[key, mark]] : [])),
  );
}

/** The memory as a text. */
export function memoryText(inStep: InStep): string {
  return JSON.stringify({ version: 1, inStep: Object.fromEntries(inStep) });
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
