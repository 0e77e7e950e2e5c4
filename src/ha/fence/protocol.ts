/**
 * What a guardian and the plugin inside a gateway say to each other: methods of the gateway's own RPC. Both ends, and the
 * gateway double, share this file. Nothing here is trusted: every field is looked at by hand and bounded, because the
 * plugin carries no schema library into the gateway's process.
 */
import type { Result } from '../../base/index.ts';
import { isFields, Misfit, longestText, parse, text, whole } from '../fields.ts';
import type { RegisterRecord } from '../model.ts';

/** The plugin's id in a gateway's configuration. */
export const pluginId = 'switchyard-fence';

/** `timed`: grants with an end. `held`: the gateway's process holds the lock of a register on its own host. */
export type FenceMode = 'timed' | 'held';

/** What the plugin is told in `plugins.entries.<id>.config`. */
export interface FencePluginConfig {
  readonly pair: string;
  /** The gateway's own id, as registers name it. */
  readonly gateway: string;
  readonly mode: FenceMode;
  /** `held`: the register's file; its lock lies beside it. */
  readonly registerPath?: string | undefined;
}

export interface FenceStatus {
  readonly plugin: string;
  readonly openclaw: string;
  readonly pair: string;
  readonly gateway: string;
  readonly mode: FenceMode;
  readonly bootMs: number;
  /** `untilMs` null: fenced, or (while `acting`) held without an end. */
  readonly lease: { readonly epoch: number; readonly seq: number; readonly untilMs: number | null };
  readonly acting: boolean;
  readonly draining: boolean;
  readonly running: number;
  /** Why it takes no lease, in words: an OpenClaw it was not tested with, a broken configuration. */
  readonly problem: string | null;
}

export type Acquired = 'swapped' | 'conflict' | 'held';

/** Parameters and answers of the methods. Times are boot milliseconds of the gateway's host. */
export interface FenceCalls {
  'switchyard.status': [Record<string, never>, FenceStatus];
  'switchyard.grant': [GrantParams, { readonly acting: boolean; readonly seq: number }];
  'switchyard.acquire': [
    AcquireParams,
    { readonly result: Acquired; readonly record: RegisterRecord | null },
  ];
  'switchyard.fence': [FenceParams, { readonly fenced: boolean; readonly running: number }];
  'switchyard.drain': [DrainParams, { readonly drained: boolean; readonly running: number }];
  'switchyard.probe': [ProbeParams, { readonly marked: true }];
  /** Answers once the first turn of the gateway's process will take no longer than any other. */
  'switchyard.warm': [Record<string, never>, { readonly warm: true }];
  'switchyard.echo': [EchoParams, EchoAnswer];
}
export type FenceMethod = keyof FenceCalls;

export const fenceMethodNames: readonly FenceMethod[] = [
  'switchyard.status',
  'switchyard.grant',
  'switchyard.acquire',
  'switchyard.fence',
  'switchyard.drain',
  'switchyard.probe',
  'switchyard.warm',
  'switchyard.echo',
];

export interface GrantParams {
  readonly pair: string;
  readonly epoch: number;
  readonly seq: number;
  readonly untilMs: number;
}
export interface AcquireParams {
  readonly pair: string;
  readonly expected: RegisterRecord | null;
  readonly next: RegisterRecord;
  readonly seq: number;
}
export interface FenceParams {
  readonly pair: string;
  readonly seq: number;
}
export interface DrainParams {
  readonly timeoutMs: number;
}
export interface ProbeParams {
  /** The run id (idempotency key) that a check is about to use. */
  readonly runId: string;
}
export interface EchoParams {
  readonly nonce: string;
}
export interface EchoAnswer {
  readonly nonce: string;
  readonly epoch: number;
  readonly acting: boolean;
  /** How long one turn of the event loop, the write and the read-back took. */
  readonly loopMs: number;
  readonly writeMs: number;
  readonly readMs: number;
}

/** Reads grant parameters; the error names the field. */
export function parseGrant(params: unknown): Result<GrantParams, string> {
  return parse(params, (fields) => ({
    pair: text(fields, 'pair'),
    epoch: whole(fields, 'epoch', 1),
    seq: whole(fields, 'seq', 0),
    untilMs: whole(fields, 'untilMs', 0),
  }));
}

/** Reads acquire parameters. */
export function parseAcquire(params: unknown): Result<AcquireParams, string> {
  return parse(params, (fields) => ({
    pair: text(fields, 'pair'),
    expected: fields['expected'] === null ? null : record(fields['expected']),
    next: record(fields['next']),
    seq: whole(fields, 'seq', 0),
  }));
}

/** Reads fence parameters. */
export function parseFence(params: unknown): Result<FenceParams, string> {
  return parse(params, (fields) => ({ pair: text(fields, 'pair'), seq: whole(fields, 'seq', 0) }));
}

/** Reads drain parameters. */
export function parseDrain(params: unknown): Result<DrainParams, string> {
  return parse(params, (fields) => ({ timeoutMs: whole(fields, 'timeoutMs', 0, 3_600_000) }));
}

/** Reads probe parameters. */
export function parseProbe(params: unknown): Result<ProbeParams, string> {
  return parse(params, (fields) => ({ runId: text(fields, 'runId', 16) }));
}

/** Reads echo parameters. */
export function parseEcho(params: unknown): Result<EchoParams, string> {
  return parse(params, (fields) => ({ nonce: text(fields, 'nonce') }));
}

/** Reads the plugin's configuration. */
export function parsePluginConfig(value: unknown): Result<FencePluginConfig, string> {
  return parse(value, (fields) => {
    const mode = text(fields, 'mode');
    if (mode !== 'timed' && mode !== 'held') throw new Misfit('mode');
    const common = { pair: text(fields, 'pair'), gateway: text(fields, 'gateway'), mode } as const;
    return mode === 'held'
      ? { ...common, registerPath: text(fields, 'registerPath', 1, 4_096) }
      : common;
  });
}

function record(value: unknown): RegisterRecord {
  if (!isFields(value)) throw new Misfit('record');
  const addr = value['addr'];
  if (typeof addr !== 'string' || addr.length > longestText) throw new Misfit('addr');
  return {
    epoch: whole(value, 'epoch', 1),
    holder: text(value, 'holder'),
    ctr: whole(value, 'ctr', 1),
    addr,
  };
}
