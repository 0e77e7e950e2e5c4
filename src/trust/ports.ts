import type { Result } from '../base/index.ts';
import type { AppError, AuditView, TrustDecision } from '../shared/index.ts';
import type { AuditCode, AuditRecord, PrivatePart } from './audit/format.ts';
import type { TrustStore } from './broker/ports.ts';

/** The log as far as decisions go that are not crossings. Holds no texts: their length and a keyed fingerprint only. */
export interface DecisionLog {
  /**
   * On disk when it returns `ok`. Call it before the effect: when it fails, the effect must not happen.
   * @param body the text in question, if any; it is not kept
   */
  record(decision: TrustDecision, body?: string): Result<null, AppError>;
  /** The latest `limit`, newest first. */
  recent(limit: number): readonly TrustDecision[];
}

/** What is written down of one thing that happened. */
export interface AuditEntry extends Pick<
  AuditRecord,
  'epoch' | 'principal' | 'action' | 'from' | 'to' | 'effect' | 'obligations' | 'actId'
> {
  readonly code: AuditCode;
  readonly resource: PrivatePart['resource'];
  readonly rule: PrivatePart['rule'];
  readonly detail: PrivatePart['detail'];
  /** The text in question; it is not kept. */
  readonly body: string | null;
}

/** A crossing that was begun and has no end in the log: the app ended in between. */
export interface UnfinishedCrossing {
  readonly seq: number;
  readonly actId: string;
}

/** The append-only log of all trust. */
export interface AuditLog extends DecisionLog {
  /** On disk when it returns `ok`; when it fails, what it tells of must not happen. */
  append(entry: AuditEntry): Result<null, AppError>;
  /** Signs what is there now. A failure loses nothing but the signature, and the next one covers the same. */
  seal(): Result<null, AppError>;
  /** How many records it has. */
  size(): number;
  /** The highest epoch in it. */
  epoch(): number;
  unfinished(): readonly UnfinishedCrossing[];
}

/** A fingerprint of a text, in hexadecimal: SHA-256, so that equal digests mean equal bytes. */
export type Digest = (text: string) => string;

/** What a person has chosen of gateways, by their ids; it holds also after the next start. */
export interface TrustChoices {
  readonly disconnected: readonly string[];
  /** Their agents have the tools to ask and tell other domains. */
  readonly tools: readonly string[];
}

export interface ChoicesStore {
  /** None where nothing was saved, or where it cannot be read. */
  load(): TrustChoices;
  save(choices: TrustChoices): Result<null, AppError>;
}

/** What trust keeps on this machine, opened. */
export interface TrustFolder {
  readonly log: AuditLog & { close(): Promise<void> };
  readonly store: TrustStore;
  readonly choices: ChoicesStore;
  readonly digest: Digest;
  /** Checks all of the log. */
  verify(): AuditView;
  /** All records that are signed, with their proofs, as text; without their private parts when `redacted`. */
  exportLog(redacted: boolean): Result<{ readonly text: string; readonly records: number }, string>;
  /** Calls `cut` when somebody asks for it from outside; it answers whether that is on disk. Returns how to end. */
  onCutRequest(cut: () => boolean): () => void;
}
