/**
 * Hostile texts from `*.jsonl` files, one row a line: `{id, source, rev, licence, family, kind, payload…}`.
 *
 * 1. What is not known to describe a row is taken as its payload: text, list or object, at any depth.
 * 2. A line that gives no text is reported with its reason; none is skipped unseen.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface AttackRow {
  readonly id: string;
  readonly file: string;
  readonly family: string;
  /** What is said, in every form the row gives; at least one. */
  readonly texts: readonly string[];
  /** Payloads that are whole frames of a gateway, to be sent as they are. */
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  /** Secrets that the row names; they are planted on the personal side. */
  readonly canaries: readonly string[];
}

export interface UnusableRow {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

export interface Corpus {
  readonly files: readonly string[];
  readonly rows: readonly AttackRow[];
  readonly unusable: readonly UnusableRow[];
}

/** Fields that tell of a row and are not said to anybody. */
const describing: ReadonlySet<string> = new Set([
  ...['id', 'source', 'rev', 'licence', 'license', 'family', 'kind', 'split', 'lang', 'language'],
  ...[
    'position',
    'judge',
    'risk',
    'expect',
    'expected',
    'lesson',
    'surface',
    'carrier',
    'carriers',
  ],
  ...['note', 'notes', 'tags', 'severity', 'version', 'author'],
]);
/** Fields around a payload: the prompt that it was written against, the word that tells of its success. */
const around: ReadonlySet<string> = new Set(['system', 'trigger', 'goal', 'target']);

/** Reads every `*.jsonl` of a folder, in the order of their names. Throws when the folder cannot be read. */
export function readCorpus(folder: string): Corpus {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
  const rows: AttackRow[] = [];
  const unusable: UnusableRow[] = [];
  for (const file of files) {
    for (const [index, text] of readFileSync(join(folder, file), 'utf8').split('\n').entries()) {
      if (text.trim() === '') continue;
      const row = readRow(file, index + 1, text);
      if (typeof row === 'string') unusable.push({ file, line: index + 1, reason: row });
      else rows.push(row);
    }
  }
  return { files, rows, unusable };
}

/** One line as a row; a text that says why it is none. Pure. */
export function readRow(file: string, line: number, text: string): AttackRow | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (typeof value === 'string') value = { payload: value };
  if (!isRecord(value)) return 'is no object';
  const said = Object.entries(value).filter(
    ([name]) => !describing.has(name) && !isCanaryName(name),
  );
  const payload = said.some(([name]) => !around.has(name))
    ? said.filter(([name]) => !around.has(name))
    : said;
  const objects = payload.map(([, part]) => part).filter(isRecord);
  const texts = new Set(
    [
      ...payload.flatMap(([, part]) => leaves(part)),
      ...objects.map((part) => JSON.stringify(part)),
    ].filter((part) => part.trim() !== ''),
  );
  if (texts.size === 0) return 'has no text in any field';
  const named = Object.entries(value).filter(([name]) => isCanaryName(name));
  return {
    id: typeof value['id'] === 'string' && value['id'] !== '' ? value['id'] : `${file}:${line}`,
    file,
    family: typeof value['family'] === 'string' ? value['family'] : 'none',
    texts: [...texts],
    frames: objects.filter(isFrame),
    canaries: [
      ...named.flatMap(([, part]) => leaves(part)),
      ...[...texts].flatMap((part) => part.match(/\bCANARY[-_]\w+/giu) ?? []),
    ].filter((part) => part.length >= 6),
  };
}

function isFrame(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['event'] === 'string' || (value['ok'] === false && isRecord(value['error']));
}

function isCanaryName(name: string): boolean {
  return /canar/iu.test(name);
}

/** Every text in a value, keys not counted; numbers and truths as they are written. */
function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leaves);
  return isRecord(value) ? Object.values(value).flatMap(leaves) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `count` members of a list, evenly from all of it. */
export function spread<Value>(all: readonly Value[], count: number): readonly Value[] {
  if (count >= all.length) return all;
  return Array.from(
    { length: count },
    (_, index) => all[Math.floor((index * all.length) / count)] as Value,
  );
}
