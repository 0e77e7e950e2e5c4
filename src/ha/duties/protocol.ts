/**
 * What a guardian and the duties' part of our plugin say to each other: methods of the gateway's own RPC. Every field is
 * looked at by hand, as in the fence's protocol.
 */
import type { Result } from '../../base/index.ts';
import { isFields, Misfit, parse, text, whole } from '../fields.ts';
import type { Fields } from '../fields.ts';
import type { DutiesLook, JobCopy, JobsPut, JobsPutAnswer } from './model.ts';

/** Parameters and answers of the methods. */
export interface DutiesCalls {
  'switchyard.duties.look': [Record<string, never>, DutiesLook];
  'switchyard.duties.put': [JobsPut, JobsPutAnswer];
  'switchyard.duties.changes': [
    { readonly since: number; readonly waitMs: number },
    { readonly at: number },
  ];
}
export type DutiesMethod = keyof DutiesCalls;

export const dutiesMethodNames: readonly DutiesMethod[] = [
  'switchyard.duties.look',
  'switchyard.duties.put',
  'switchyard.duties.changes',
];

const longestWaitMs = 60_000;
const longestName = 4_096;

/** Reads the parameters of one method; the error names the field. */
export const parseDutiesCall: {
  readonly [M in DutiesMethod]: (params: unknown) => Result<DutiesCalls[M][0], string>;
} = {
  'switchyard.duties.look': (params) => parse(params, () => ({})),
  'switchyard.duties.put': (params) =>
    parse(params, (fields) => ({
      epoch: whole(fields, 'epoch', 1),
      quiet: yesOrNo(fields, 'quiet'),
      jobs: list(fields, 'jobs').map(jobOf),
      gone: list(fields, 'gone').map((id) => text({ gone: id }, 'gone')),
    })),
  'switchyard.duties.changes': (params) =>
    parse(params, (fields) => ({
      since: whole(fields, 'since', 0),
      waitMs: whole(fields, 'waitMs', 0, longestWaitMs),
    })),
};

function jobOf(value: unknown): JobCopy {
  if (!isFields(value)) throw new Misfit('jobs');
  const { definition, progress, startedAtMs } = value;
  if (!isFields(definition) || !isFields(definition['schedule'])) throw new Misfit('definition');
  if (!isFields(progress)) throw new Misfit('progress');
  return {
    id: text(value, 'id'),
    name: text(value, 'name', 0, longestName),
    enabled: yesOrNo(value, 'enabled'),
    definition,
    progress,
    startedAtMs: startedAtMs === null ? null : whole(value, 'startedAtMs', 0),
  };
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw new Misfit(name);
  return value;
}

function yesOrNo(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== 'boolean') throw new Misfit(name);
  return value;
}
