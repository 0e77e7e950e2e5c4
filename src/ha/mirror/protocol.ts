/**
 * What a guardian and the journal inside a gateway say to each other: methods of the gateway's own RPC. Every field is looked
 * at by hand, as in the fence's protocol.
 */
import type { Result } from '../../base/index.ts';
import { isFields, longestText, Misfit, parse, text, whole } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { isFileName, partBytes } from './media.ts';
import type { FilePart } from './media.ts';
import type { Appended, Batch, Mark, Row, SessionSettings, SessionState, Survey } from './model.ts';
import type { Tail } from './ports.ts';

/** Parameters and answers of the methods. */
export interface MirrorCalls {
  'switchyard.mirror.survey': [Record<string, never>, Survey];
  'switchyard.mirror.look': [{ readonly key: string }, { readonly state: SessionState | null }];
  'switchyard.mirror.ids': [SessionPlace, { readonly ids: readonly string[] | null }];
  'switchyard.mirror.rows': [
    SessionPlace & { readonly ids: readonly string[] },
    { readonly rows: readonly Row[] },
  ];
  'switchyard.mirror.tail': [
    SessionPlace & { readonly after: number },
    { readonly tail: Tail | null },
  ];
  'switchyard.mirror.files.missing': [
    { readonly names: readonly string[] },
    { readonly names: readonly string[] },
  ];
  'switchyard.mirror.files.read': [
    { readonly name: string; readonly offset: number },
    { readonly part: FilePart | null },
  ];
  'switchyard.mirror.files.write': [
    {
      readonly name: string;
      readonly offset: number;
      readonly part: FilePart;
      readonly epoch: number;
    },
    { readonly written: boolean },
  ];
  'switchyard.mirror.append': [Batch, Appended];
  'switchyard.mirror.remove': [
    { readonly key: string; readonly mark: Mark; readonly epoch: number },
    { readonly removed: boolean },
  ];
  'switchyard.mirror.note': [
    { readonly key: string; readonly mark: Mark | null; readonly epoch: number },
    { readonly noted: boolean },
  ];
  'switchyard.mirror.changes': [
    { readonly since: string | null; readonly waitMs: number },
    { readonly at: string; readonly keys: readonly string[] | null },
  ];
}
export type MirrorMethod = keyof MirrorCalls;

export interface SessionPlace {
  readonly key: string;
  readonly sessionId: string;
}

export const mirrorMethodNames: readonly MirrorMethod[] = [
  'switchyard.mirror.survey',
  'switchyard.mirror.look',
  'switchyard.mirror.ids',
  'switchyard.mirror.rows',
  'switchyard.mirror.tail',
  'switchyard.mirror.files.missing',
  'switchyard.mirror.files.read',
  'switchyard.mirror.files.write',
  'switchyard.mirror.append',
  'switchyard.mirror.remove',
  'switchyard.mirror.note',
  'switchyard.mirror.changes',
];

/** Session keys carry names of groups and threads. */
const longestKey = 2_048;
const longestWaitMs = 60_000;

/** Reads the parameters of one method; the error names the field. */
export const parseMirrorCall: {
  readonly [M in MirrorMethod]: (params: unknown) => Result<MirrorCalls[M][0], string>;
} = {
  'switchyard.mirror.survey': (params) => parse(params, () => ({})),
  'switchyard.mirror.look': (params) => parse(params, (fields) => ({ key: keyOf(fields) })),
  'switchyard.mirror.ids': (params) => parse(params, placeOf),
  'switchyard.mirror.rows': (params) =>
    parse(params, (fields) => ({ ...placeOf(fields), ids: texts(fields, 'ids') })),
  'switchyard.mirror.tail': (params) =>
    parse(params, (fields) => ({ ...placeOf(fields), after: whole(fields, 'after', 0) })),
  'switchyard.mirror.files.missing': (params) =>
    parse(params, (fields) => {
      const names = texts(fields, 'names');
      if (!names.every(isFileName)) throw new Misfit('names');
      return { names };
    }),
  'switchyard.mirror.files.read': (params) =>
    parse(params, (fields) => ({ name: fileName(fields), offset: whole(fields, 'offset', 0) })),
  'switchyard.mirror.files.write': (params) =>
    parse(params, (fields) => ({
      name: fileName(fields),
      offset: whole(fields, 'offset', 0),
      part: partOf(fields['part']),
      epoch: whole(fields, 'epoch', 1),
    })),
  'switchyard.mirror.append': (params) => parse(params, batchOf),
  'switchyard.mirror.remove': (params) =>
    parse(params, (fields) => ({
      key: keyOf(fields),
      mark: markOf(fields['mark']),
      epoch: whole(fields, 'epoch', 1),
    })),
  'switchyard.mirror.note': (params) =>
    parse(params, (fields) => ({
      key: keyOf(fields),
      mark: fields['mark'] === null ? null : markOf(fields['mark']),
      epoch: whole(fields, 'epoch', 1),
    })),
  'switchyard.mirror.changes': (params) =>
    parse(params, (fields) => ({
      since: fields['since'] === null ? null : text(fields, 'since'),
      waitMs: whole(fields, 'waitMs', 0, longestWaitMs),
    })),
};

function batchOf(fields: Fields): Batch {
  const how = text(fields, 'how');
  if (how !== 'more' && how !== 'anew' && how !== 'branch') throw new Misfit('how');
  const rows = fields['rows'];
  if (!Array.isArray(rows) || !rows.every(isRow)) throw new Misfit('rows');
  return {
    ...placeOf(fields),
    epoch: whole(fields, 'epoch', 1),
    on: fields['on'] === null ? null : markOf(fields['on']),
    settings: settingsOf(fields['settings']),
    rows,
    how,
  };
}

function fileName(fields: Fields): string {
  const name = text(fields, 'name');
  if (!isFileName(name)) throw new Misfit('name');
  return name;
}

function partOf(value: unknown): FilePart {
  if (!isFields(value)) throw new Misfit('part');
  return { data: text(value, 'data', 0, 2 * partBytes), size: whole(value, 'size', 0) };
}

function placeOf(fields: Fields): SessionPlace {
  return { key: keyOf(fields), sessionId: text(fields, 'sessionId') };
}

function keyOf(fields: Fields): string {
  return text(fields, 'key', 1, longestKey);
}

function markOf(value: unknown): Mark {
  if (!isFields(value)) throw new Misfit('mark');
  return {
    sessionId: text(value, 'sessionId'),
    rows: whole(value, 'rows', 0),
    digest: text(value, 'digest', 64, 64),
  };
}

/** Whether a value that was stored or sent is a mark. */
export function isMark(value: unknown): value is Mark {
  return parse({ value }, (fields) => markOf(fields['value'])).ok;
}

function settingsOf(value: unknown): SessionSettings {
  if (!isFields(value) || !Object.values(value).every(isScalar)) throw new Misfit('settings');
  return value as SessionSettings;
}

function texts(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  const fit =
    Array.isArray(value) &&
    value.every((each) => typeof each === 'string' && each.length <= longestText);
  if (!fit) throw new Misfit(name);
  return value as readonly string[];
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Whether a value is a row, wherever it comes from: what is none is not mirrored. */
export function isRow(value: unknown): value is Row {
  if (!isFields(value)) return false;
  const { id, type, parentId } = value;
  return (
    typeof id === 'string' &&
    id !== '' &&
    typeof type === 'string' &&
    type !== 'session' && // the header
    (parentId === null || parentId === undefined || typeof parentId === 'string')
  );
}
