/** The transcripts of one gateway, as a store of rows: what a journal stands on. */
import type { Row, SessionSettings } from './model.ts';

/** A conversation as the store lists it. */
export interface StoredSession {
  readonly key: string;
  readonly sessionId: string;
  readonly settings: SessionSettings;
}

/** Rows after a place; `at` is the place after them. `rewritten`: the place counts no more, rows were rewritten in place. */
export type RowPage =
  | {
      readonly kind: 'page';
      readonly at: string;
      readonly rows: readonly Row[];
      readonly more: boolean;
    }
  | { readonly kind: 'rewritten' }
  | { readonly kind: 'missing' };

/** All methods reject only on faults of the store itself (disk, another version). */
export interface RowStore {
  list(): readonly StoredSession[];
  find(key: string): StoredSession | null;
  /** Something that changes with every change of a transcript and is told without reading it. */
  size(session: StoredSession): string;
  /** Some rows of a transcript after `at`; null: from its beginning. A page that says `more` is further on than `at`. */
  read(session: StoredSession, at: string | null): Promise<RowPage>;
  /**
   * Writes rows under their own ids, none of which is there yet, in one turn of the event loop right after `may` was asked;
   * false: it said no, and nothing was written. `shown`: whoever watches the session is told of them.
   */
  write(
    session: StoredSession,
    rows: readonly Row[],
    may: () => boolean,
    shown: boolean,
  ): Promise<boolean>;
  /** Makes the conversation, or gives it this session id and these settings. */
  put(session: StoredSession): Promise<void>;
  remove(key: string): Promise<void>;
  /** A hint that something changed in a conversation. Gives back how to stop it. */
  onChange(listener: (key: string) => void): () => void;
}
