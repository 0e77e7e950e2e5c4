/** The two sides of workspaces that are kept in step, and what stands behind each. */
import type { Result } from '../../base/index.ts';
import type { JournalFailure } from '../mirror/ports.ts';
import type {
  FileHash,
  FileOutcome,
  FilePart,
  FileRemoval,
  FileWrite,
  GitOutcome,
  GitTurn,
  LeftFile,
  WorkspaceSurvey,
} from './model.ts';

/** The workspaces of one gateway's agents. No method rejects, and each answers within a time limit of its own. */
export interface Workspace {
  survey(): Promise<Result<WorkspaceSurvey, JournalFailure>>;
  /** A part of a file that still holds `hash`; null: it does not. */
  read(
    path: string,
    hash: FileHash,
    offset: number,
  ): Promise<Result<FilePart | null, JournalFailure>>;
  write(write: FileWrite): Promise<Result<FileOutcome, JournalFailure>>;
  /** Puts a file into the trash. */
  remove(removal: FileRemoval): Promise<Result<FileOutcome, JournalFailure>>;
  /** Takes in what both sides have now; null: this file is forgotten. */
  note(base: Readonly<Record<string, FileHash | null>>): Promise<Result<null, JournalFailure>>;
  /** Resolves with a number that is not `since` once something changed, or after `waitMs`. */
  changes(since: number, waitMs: number): Promise<Result<number, JournalFailure>>;
  /** Leaves a file of this name in each workspace, takes it away, or looks for it; the agents in whose workspace it is (was). */
  sign(
    nonce: string,
    how: 'leave' | 'find' | 'take',
  ): Promise<Result<readonly string[], JournalFailure>>;
  git(turn: GitTurn): Promise<Result<GitOutcome, JournalFailure>>;
}

/** A file as a folder lists it. */
export interface StoredFile {
  readonly path: string;
  readonly size: number;
  readonly changedMs: number;
  readonly executable: boolean;
  /** Another one after every change. */
  readonly version: string;
}

/** The workspaces of a gateway on its disk. Its methods reject when the disk does not do what is asked. */
export interface Folders {
  /** What is there by name; nothing is read. Throws where a workspace cannot be read: an empty answer would look like a deletion. */
  list(): Promise<{
    readonly agents: readonly string[];
    readonly files: readonly StoredFile[];
    readonly left: readonly LeftFile[];
  }>;
  /** The bytes of a file; null: there is none, or it is no plain file. */
  read(path: string): Promise<Uint8Array | null>;
  /** Replaces a file whole if `may` still says so when all is prepared; says whether it did. */
  write(
    path: string,
    bytes: Uint8Array,
    executable: boolean,
    may: () => Promise<boolean>,
  ): Promise<boolean>;
  /** Puts a copy of a file into the trash. */
  keep(path: string): Promise<void>;
  /** Moves a file into the trash. */
  remove(path: string): Promise<void>;
  /** Leaves, finds or takes away the sign `nonce`; the agents in whose workspace it is, or was. */
  sign(nonce: string, how: 'leave' | 'find' | 'take'): Promise<readonly string[]>;
  /** The texts of untouched templates: their hashes by file name. */
  templates(): Promise<ReadonlyMap<string, FileHash>>;
}
