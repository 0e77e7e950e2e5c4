/** The two sides of a mirror: the journal of the active gateway, and the one that shall hold the same. */
import type { Result } from '../../base/index.ts';
import type { FilePart } from './media.ts';
import type { Appended, Batch, Mark, Row, SessionSettings, SessionState, Survey } from './model.ts';

/** Why a journal did not do what was asked, or did it and could not say so. `gone`: it does not answer at all. */
export interface JournalFailure {
  readonly words: string;
  readonly gone: boolean;
}

/** A part of a conversation, and what is before it. */
export interface Tail {
  readonly before: string;
  readonly settings: SessionSettings;
  readonly rows: readonly Row[];
}

/**
 * The conversations of one gateway. No method rejects, and each answers within a time limit of its own.
 */
export interface Journal {
  survey(): Promise<Result<Survey, JournalFailure>>;
  /** One conversation; null: there is none under this key. */
  look(key: string): Promise<Result<SessionState | null, JournalFailure>>;
  /** The ids of all rows of a conversation, in its own order; null: gone, or its session id is another one by now. */
  ids(key: string, sessionId: string): Promise<Result<readonly string[] | null, JournalFailure>>;
  /** The rows with these ids, in the journal's own order; as many of the first ones as fit into a message, at least one. */
  rows(
    key: string,
    sessionId: string,
    ids: readonly string[],
  ): Promise<Result<readonly Row[], JournalFailure>>;
  /** The digest of the first `after` rows, and those after them: as many as fit into a message, at least one if there is one; null: gone. */
  tail(key: string, sessionId: string, after: number): Promise<Result<Tail | null, JournalFailure>>;
  append(batch: Batch): Promise<Result<Appended, JournalFailure>>;
  /** Which of these files are not there. */
  missingFiles(names: readonly string[]): Promise<Result<readonly string[], JournalFailure>>;
  /** A part of a file, from `offset` on; null: there is no such file. */
  readFile(name: string, offset: number): Promise<Result<FilePart | null, JournalFailure>>;
  /** Takes a part of a file; parts come in order. False: of an epoch that is over. */
  writeFile(
    name: string,
    offset: number,
    part: FilePart,
    epoch: number,
  ): Promise<Result<boolean, JournalFailure>>;
  /** Deletes a conversation that still holds exactly `mark`; false: it does not. */
  remove(key: string, mark: Mark, epoch: number): Promise<Result<boolean, JournalFailure>>;
  /** Takes in that the other side holds this too, durably there. False: of an epoch that is over. */
  note(key: string, mark: Mark | null, epoch: number): Promise<Result<boolean, JournalFailure>>;
  /**
   * Resolves with the keys that changed since an earlier `at` (null: none asked yet), at once if there are any, or after
   * `waitMs`. `keys` null: that is not known, so any may have changed.
   */
  changes(
    since: string | null,
    waitMs: number,
  ): Promise<
    Result<{ readonly at: string; readonly keys: readonly string[] | null }, JournalFailure>
  >;
}
