/** What of a gateway's workspace is kept in step with the other one's: files by their path, which begins with the agent's id. */

/** SHA-256 of a file's bytes, in hexadecimal digits. */
export type FileHash = string;

/** A file that may be copied. */
export interface WorkspaceFile {
  /** Such as `main/memory/2026-11-22.md`; parts are separated by `/` on every system. */
  readonly path: string;
  readonly hash: FileHash;
  /** In bytes. */
  readonly size: number;
  /** Wall time of the last change, in milliseconds. */
  readonly changedMs: number;
  readonly executable: boolean;
  /** It is what OpenClaw writes into a new workspace, and nobody has changed it. */
  readonly template: boolean;
}

/** A file that is not copied, and why: a sentence without its content. */
export interface LeftFile {
  readonly path: string;
  readonly because: string;
}

/** A provider's credentials by name; never a value of them. */
export interface AuthProfile {
  readonly agent: string;
  readonly provider: string;
  readonly profile: string;
}

/** What a gateway has. */
export interface WorkspaceSurvey {
  readonly agents: readonly string[];
  readonly files: readonly WorkspaceFile[];
  readonly left: readonly LeftFile[];
  /** What both gateways had when they were last in step, as this one remembers it. */
  readonly base: Readonly<Record<string, FileHash>>;
  /** Null: they could not be looked at. */
  readonly profiles: readonly AuthProfile[] | null;
}

/** A part of a file. */
export interface FilePart {
  /** Base64. */
  readonly data: string;
  /** Of the whole file, in bytes. */
  readonly size: number;
}

/** Who wants a file changed: the active gateway, or a person at the standby. */
export type ChangedBy = 'active' | 'standby';

/** A part of a file that shall be written. Parts come in order; the file changes with the last one. */
export interface FileWrite {
  readonly path: string;
  readonly offset: number;
  readonly part: FilePart;
  /** Of the whole file. */
  readonly hash: FileHash;
  readonly executable: boolean;
  /** What the file has to hold now; null: it must not be there. */
  readonly on: FileHash | null;
  readonly by: ChangedBy;
  readonly epoch: number;
}

export interface FileRemoval {
  readonly path: string;
  readonly on: FileHash;
  readonly epoch: number;
}

/**
 * What became of a change. `more`: the next part is wanted. `moved`: the file holds something else than was said.
 * `refused`: this gateway takes no such change now. `left`: it does not copy such a file.
 */
export type FileOutcome =
  | { readonly kind: 'done' | 'more' | 'moved' }
  | { readonly kind: 'refused'; readonly reason: 'old-epoch' | 'acting' }
  | { readonly kind: 'left'; readonly because: string };

/** What a gateway shall do with the git repository of each workspace; `active`: for the active one, `standby`: for the other. */
export interface GitTurn {
  readonly role: 'active' | 'standby';
  readonly gateway: string;
  readonly remote: string;
  readonly epoch: number;
}

/** What became of it. `head`: the commit of every agent's workspace, by agent. */
export type GitOutcome =
  | { readonly kind: 'done'; readonly heads: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly reason: 'old-epoch' | 'acting' }
  | { readonly kind: 'failed'; readonly words: string };

/** Larger files are not copied, in bytes. */
export const mostBytes = 8 * 1024 * 1024;
/** So many files are copied at most. */
export const mostFiles = 5_000;
