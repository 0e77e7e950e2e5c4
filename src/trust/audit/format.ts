/** The files of the trust log, as they are written. Only types: the verifier runs without this file. */

/** A line of `records-*.jsonl` after the first is `{record, private}`; the leaf of the tree is the text of `record`. */
export interface AuditRecord {
  /** From 0, over all files. */
  readonly seq: number;
  /** Wall milliseconds; may jump. */
  readonly time: number;
  /** Milliseconds of the clock that does not jump, since the computer started. */
  readonly mono: number;
  readonly epoch: number;
  readonly code: AuditCode;
  readonly principal: string;
  readonly action: string;
  /** Domains. */
  readonly from: string | null;
  readonly to: string | null;
  readonly effect: 'allow' | 'ask' | 'deny';
  readonly obligations: readonly string[];
  /** What belongs together: a crossing, an approval, a grant. */
  readonly actId: string | null;
  /** Of the text in question, in bytes of UTF-8. */
  readonly size: number;
  /** How many such things happened. */
  readonly count: number;
  /** SHA-256 of the private part. */
  readonly sealed: string;
  /** Hash of the record before. */
  readonly prev: string;
}

export const auditCodes = [
  'decision',
  'crossing.denied',
  'crossing.asked',
  'crossing.intent',
  'crossing.outcome',
  'crossing.unfinished',
  'approval.given',
  'approval.refused',
  'grant.given',
  'grant.ended',
  'reply.given',
  'trust.allowed',
  'trust.revoked',
  'trust.tainted',
  'trust.cleared',
  'log.recovered',
  'log.migrated',
  'log.cut',
] as const;
export type AuditCode = (typeof auditCodes)[number];

/** What an export may leave out. */
export interface PrivatePart {
  /** Keeps the hash of a short private part from being guessed. */
  readonly salt: string;
  readonly resource: string;
  readonly rule: string;
  /** HMAC-SHA-256 of the text in question, with a key that stays on this computer. */
  readonly mac: string | null;
  readonly detail: string;
}

export interface Checkpoint {
  readonly size: number;
  readonly root: string;
  readonly time: number;
  readonly key: string;
  readonly signature: string;
}

export interface KeyLine {
  /** First 16 hexadecimal digits of the SHA-256 of `public`. */
  readonly key: string;
  /** SPKI, base64. */
  readonly public: string;
  readonly time: number;
  /** The key before it signed it; null: it is the first. */
  readonly by: string | null;
  readonly signature: string | null;
}

/** 0: it holds, 2: altered, 3: cut, 4: a crossing that was begun has no end. */
export interface Verdict {
  readonly code: 0 | 2 | 3 | 4;
  readonly size: number;
  readonly root: string;
  /** How many of the records a checkpoint covers, and when the last was signed. */
  readonly sealed: number;
  readonly sealedAt: number | null;
  readonly problems: readonly string[];
  readonly unfinished: readonly { readonly seq: number; readonly actId: string }[];
}

/** Some records, each with its proof that it is in the signed tree. */
export interface Export {
  readonly format: 'switchyard-trust-log-export-1';
  readonly keys: readonly KeyLine[];
  readonly checkpoint: Checkpoint;
  readonly records: readonly {
    readonly record: AuditRecord;
    readonly private?: PrivatePart;
    readonly proof: readonly string[];
  }[];
}
