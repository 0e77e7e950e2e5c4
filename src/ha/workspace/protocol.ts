/**
 * What a guardian and the plugin inside a gateway say to each other about workspaces. Nothing here is trusted: every field is
 * looked at by hand and bounded, because the plugin carries no schema library into the gateway's process.
 */
import type { Result } from '../../base/index.ts';
import { isFields, Misfit, parse, text, whole } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { mostBytes } from './model.ts';
import type {
  FileHash,
  FileOutcome,
  FilePart,
  FileRemoval,
  FileWrite,
  GitOutcome,
  GitTurn,
  WorkspaceSurvey,
} from './model.ts';
import { splitPath } from './names.ts';

/** Parameters and answers of the methods. */
export interface WorkspaceCalls {
  'switchyard.workspace.survey': [Record<string, never>, WorkspaceSurvey];
  'switchyard.workspace.read': [
    { readonly path: string; readonly hash: FileHash; readonly offset: number },
    { readonly part: FilePart | null },
  ];
  'switchyard.workspace.write': [FileWrite, FileOutcome];
  'switchyard.workspace.remove': [FileRemoval, FileOutcome];
  'switchyard.workspace.note': [
    { readonly base: Readonly<Record<string, FileHash | null>> },
    { readonly noted: null },
  ];
  'switchyard.workspace.changes': [
    { readonly since: number; readonly waitMs: number },
    { readonly at: number },
  ];
  'switchyard.workspace.sign': [
    { readonly nonce: string; readonly how: 'leave' | 'find' | 'take' },
    { readonly agents: readonly string[] },
  ];
  'switchyard.workspace.git': [GitTurn, GitOutcome];
}
export type WorkspaceMethod = keyof WorkspaceCalls;

export const workspaceMethodNames: readonly WorkspaceMethod[] = [
  'switchyard.workspace.survey',
  'switchyard.workspace.read',
  'switchyard.workspace.write',
  'switchyard.workspace.remove',
  'switchyard.workspace.note',
  'switchyard.workspace.changes',
  'switchyard.workspace.sign',
  'switchyard.workspace.git',
];

const longestPath = 1_024;
const longestPart = 1024 * 1024;
const longestWaitMs = 60_000;

/** Reads the parameters of one method; the error names the field. */
export const parseWorkspaceCall: {
  readonly [M in WorkspaceMethod]: (params: unknown) => Result<WorkspaceCalls[M][0], string>;
} = {
  'switchyard.workspace.survey': (params) => parse(params, () => ({})),
  'switchyard.workspace.read': (params) =>
    parse(params, (fields) => ({
      path: pathOf(fields),
      hash: hashOf(fields, 'hash'),
      offset: whole(fields, 'offset', 0, mostBytes),
    })),
  'switchyard.workspace.write': (params) =>
    parse(params, (fields) => ({
      path: pathOf(fields),
      offset: whole(fields, 'offset', 0, mostBytes),
      part: partOf(fields['part']),
      hash: hashOf(fields, 'hash'),
      executable: fields['executable'] === true,
      on: fields['on'] === null ? null : hashOf(fields, 'on'),
      by: oneOf(fields, 'by', ['active', 'standby']),
      epoch: whole(fields, 'epoch', 1),
    })),
  'switchyard.workspace.remove': (params) =>
    parse(params, (fields) => ({
      path: pathOf(fields),
      on: hashOf(fields, 'on'),
      epoch: whole(fields, 'epoch', 1),
    })),
  'switchyard.workspace.note': (params) =>
    parse(params, (fields) => {
      const { base } = fields;
      if (!isFields(base)) throw new Misfit('base');
      for (const [path, hash] of Object.entries(base))
        if (splitPath(path) === null || (hash !== null && !isHash(hash))) throw new Misfit('base');
      return { base: base as Readonly<Record<string, FileHash | null>> };
    }),
  'switchyard.workspace.changes': (params) =>
    parse(params, (fields) => ({
      since: whole(fields, 'since', 0),
      waitMs: whole(fields, 'waitMs', 0, longestWaitMs),
    })),
  'switchyard.workspace.sign': (params) =>
    parse(params, (fields) => {
      const nonce = text(fields, 'nonce');
      if (!/^[A-Za-z0-9-]{8,64}$/u.test(nonce)) throw new Misfit('nonce');
      return { nonce, how: oneOf(fields, 'how', ['leave', 'find', 'take']) };
    }),
  'switchyard.workspace.git': (params) =>
    parse(params, (fields) => {
      const [remote, gateway] = [text(fields, 'remote'), text(fields, 'gateway')];
      // Neither may be taken for an option.
      if (!/^[A-Za-z0-9][\w./-]*$/u.test(remote)) throw new Misfit('remote');
      if (!/^[a-z0-9][a-z0-9-]*$/u.test(gateway)) throw new Misfit('gateway');
      return {
        role: oneOf(fields, 'role', ['active', 'standby']),
        gateway,
        remote,
        epoch: whole(fields, 'epoch', 1),
      };
    }),
};

function pathOf(fields: Fields): string {
  const path = text(fields, 'path', 1, longestPath);
  if (splitPath(path) === null) throw new Misfit('path');
  return path;
}

function hashOf(fields: Fields, name: string): FileHash {
  const value = fields[name];
  if (!isHash(value)) throw new Misfit(name);
  return value;
}

function isHash(value: unknown): value is FileHash {
  return typeof value === 'string' && /^[0-9a-f]{64}$/u.test(value);
}

function partOf(value: unknown): FilePart {
  if (!isFields(value)) throw new Misfit('part');
  return { data: text(value, 'data', 0, longestPart), size: whole(value, 'size', 0, mostBytes) };
}

function oneOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const found = words.find((word) => word === fields[name]);
  if (found === undefined) throw new Misfit(name);
  return found;
}
