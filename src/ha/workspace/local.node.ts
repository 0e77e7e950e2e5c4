/**
 * The workspaces of one gateway: what they hold, and how a change comes in. Lives in the gateway's process.
 *
 * Invariants
 * 1. What looks like a secret is neither read out nor taken in, by its name or by its content.
 * 2. A file is changed only if it holds what the change was made for, looked at right before, and in one step.
 * 3. A gateway that may act takes nothing but what a person changed at the standby, and what that replaces is kept in the
 *    trash; no gateway takes anything of an epoch below the highest that it knows.
 * 4. What both had is forgotten before a file is changed and remembered after it: a crash in between makes a conflict, never a
 *    loss.
 * 5. Changes come one after the other.
 */
import { errorText, fail, ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { isFields } from '../fields.ts';
import type { JournalFailure } from '../mirror/ports.ts';
import { woken } from '../woken.ts';
import { sha256 } from './hash.node.ts';
import { mostBytes, mostFiles } from './model.ts';
import type {
  AuthProfile,
  FileHash,
  FileOutcome,
  FileWrite,
  GitOutcome,
  GitTurn,
  LeftFile,
  WorkspaceFile,
  WorkspaceSurvey,
} from './model.ts';
import { caseKey, judgeName, splitPath } from './names.ts';
import type { Folders, StoredFile, Workspace } from './ports.ts';
import { secretIn } from './secrets.ts';

export interface LocalPorts {
  readonly folders: Folders;
  /** The gateway may act now. */
  readonly acting: () => boolean;
  /** The highest epoch that the gateway was told. */
  readonly epoch: () => number;
  /** Where it is remembered what both had, as text; what was written survives a crash. Losing it loses no file. */
  readonly memory: { read(): string | null; write(text: string): void };
  /** Which credentials there are, by name. */
  readonly profiles: () => Promise<readonly AuthProfile[]>;
  /** Works on the git repositories; the outcome of one turn. */
  readonly git: (turn: GitTurn, files: readonly string[]) => Promise<GitOutcome>;
  readonly clock: Clock;
}

/** So much of a file goes into one message, in bytes. */
export const partBytes = 192 * 1024;
/** While somebody waits for changes, the folders are looked through this often. */
const lookEveryMs = 1_000;
/** What is remembered of a file that was read: its version stands for its content. */
interface Known {
  readonly version: string;
  readonly hash: FileHash;
  readonly secret: string | null;
}

/** Opens the workspaces behind `folders`. */
export function openWorkspace(ports: LocalPorts): Workspace {
  const { folders, clock } = ports;
  const known = new Map<string, Known>();
  let base = readBase(ports.memory.read());
  let highestEpoch = 0;
  let incoming: { readonly key: string; parts: Uint8Array[]; size: number } | null = null;
  /** A file that is read out part by part: it is looked at once. */
  let outgoing: { readonly path: string; readonly hash: FileHash; readonly bytes: Buffer } | null =
    null;
  let changing: Promise<unknown> = Promise.resolve();
  let serial = 0;
  let seen: string | null = null;
  const waiting = new Set<() => void>();

  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const done = changing.then(run);
    changing = done.catch(() => undefined);
    return done;
  };
  const note = (changes: Readonly<Record<string, FileHash | null>>): void => {
    const next = new Map(base);
    for (const [path, hash] of Object.entries(changes))
      if (hash === null) next.delete(path);
      else next.set(path, hash);
    if (next.size === base.size && [...next].every(([path, hash]) => base.get(path) === hash))
      return;
    ports.memory.write(JSON.stringify({ version: 1, files: Object.fromEntries(next) }));
    base = next;
  };
  const refusal = (by: FileWrite['by'], epoch: number): FileOutcome | null => {
    highestEpoch = Math.max(highestEpoch, ports.epoch());
    if (epoch < highestEpoch) return { kind: 'refused', reason: 'old-epoch' };
    if (by === 'active' && ports.acting()) return { kind: 'refused', reason: 'acting' };
    highestEpoch = epoch;
    return null;
  };
  const hashOf = async (path: string): Promise<FileHash | null> => {
    const bytes = await folders.read(path);
    return bytes === null ? null : sha256(bytes);
  };
  const look = async (file: StoredFile): Promise<Known | null> => {
    const before = known.get(file.path);
    if (before?.version === file.version) return before;
    const bytes = await folders.read(file.path);
    if (bytes === null) return null; // gone meanwhile
    const found = {
      version: file.version,
      hash: sha256(bytes),
      secret: secretIn(textOf(bytes)),
    };
    known.set(file.path, found);
    return found;
  };

  const survey = async (): Promise<WorkspaceSurvey> => {
    const [listed, templates, profiles] = await Promise.all([
      folders.list(),
      folders.templates(),
      ports.profiles().catch(() => null), // the files do not wait for them
    ]);
    const files: WorkspaceFile[] = [];
    const left: LeftFile[] = [...listed.left];
    const leave = (path: string, because: string): void => void left.push({ path, because });
    const alike = groupsOf(listed.files.map(({ path }) => path));
    const present = new Set(listed.files.map(({ path }) => path));
    for (const path of known.keys()) if (!present.has(path)) known.delete(path);
    for (const file of listed.files) {
      const { path, size, changedMs, executable } = file;
      if ((alike.get(caseKey(path)) ?? 0) > 1)
        leave(path, 'another file here has this name but for capital letters');
      else if (size > mostBytes) leave(path, `it is larger than ${String(mostBytes >> 20)} MiB`);
      else if (files.length >= mostFiles)
        leave(path, `there are more than ${String(mostFiles)} files`);
      else {
        const found = await look(file).catch((error: unknown) => errorText(error));
        if (typeof found === 'string') leave(path, `it cannot be read: ${found}`);
        else if (found === null) continue;
        else if (found.secret !== null) leave(path, `it holds what looks like ${found.secret}`);
        else {
          const name = splitPath(path)?.within ?? '';
          const template = templates.get(name) === found.hash;
          files.push({ path, hash: found.hash, size, changedMs, executable, template });
        }
      }
    }
    return { agents: listed.agents, files, left, base: Object.fromEntries(base), profiles };
  };

  const take = async (write: FileWrite): Promise<FileOutcome> => {
    const { path, part, offset, hash, on } = write;
    const refused = refusal(write.by, write.epoch) ?? leftByName(path);
    if (refused !== null) return refused;
    const bytes = Buffer.from(part.data, 'base64');
    const key = `${path} ${hash}`;
    if (
      part.size > mostBytes ||
      offset + bytes.length > part.size ||
      (bytes.length === 0 && part.size > 0)
    )
      return { kind: 'moved' };
    if (offset === 0) incoming = { key, parts: [], size: 0 };
    if (incoming?.key !== key || incoming.size !== offset) return { kind: 'moved' };
    incoming.parts.push(bytes);
    incoming.size += bytes.length;
    if (incoming.size < part.size) return { kind: 'more' };
    const whole = Buffer.concat(incoming.parts);
    incoming = null;
    if (sha256(whole) !== hash) return { kind: 'moved' };
    const secret = secretIn(textOf(whole));
    if (secret !== null) return { kind: 'left', because: `it holds what looks like ${secret}` };
    const present = await hashOf(path);
    if (present === hash) return { kind: 'done' };
    if (present !== on) return { kind: 'moved' };
    note({ [path]: null }); // invariant 4
    if (write.by === 'standby' && present !== null) await folders.keep(path);
    const late: FileOutcome[] = [];
    const isWritten = await folders.write(path, whole, write.executable, async () => {
      const isStill = (await hashOf(path)) === on; // invariant 2
      const refusedNow = refusal(write.by, write.epoch);
      if (refusedNow !== null) late.push(refusedNow);
      return isStill && refusedNow === null;
    });
    return late[0] ?? { kind: isWritten ? 'done' : 'moved' };
  };

  const lookAgain = async (): Promise<void> => {
    const { files, left } = await folders.list();
    const found = JSON.stringify([files.map(({ path, version }) => [path, version]), left]);
    if (found === seen) return;
    seen = found;
    serial += 1;
    for (const each of [...waiting]) each();
  };

  return {
    survey: () => answered(survey),
    read: (path, hash, offset) =>
      answered(async () => {
        if (leftByName(path) !== null) return null;
        if (outgoing?.path !== path || outgoing.hash !== hash) {
          outgoing = null;
          const bytes = await folders.read(path);
          if (bytes === null || bytes.length > mostBytes || sha256(bytes) !== hash) return null;
          if (secretIn(textOf(bytes)) !== null) return null;
          outgoing = { path, hash, bytes: Buffer.from(bytes) };
        }
        const { bytes } = outgoing;
        const part = bytes.subarray(offset, offset + partBytes);
        if (offset + partBytes >= bytes.length) outgoing = null;
        return { data: part.toString('base64'), size: bytes.length };
      }),
    write: (write) => answered(() => inTurn(() => take(write))),
    remove: ({ path, on, epoch }) =>
      answered(() =>
        inTurn(async (): Promise<FileOutcome> => {
          const refused = refusal('active', epoch) ?? leftByName(path);
          if (refused !== null) return refused;
          const present = await hashOf(path);
          if (present === null) return { kind: 'done' };
          if (present !== on) return { kind: 'moved' };
          note({ [path]: null }); // invariant 4
          await folders.remove(path);
          return { kind: 'done' };
        }),
      ),
    note: (changes) =>
      answered(() =>
        inTurn(async () => {
          note(changes);
          return null;
        }),
      ),
    changes: (since, waitMs) =>
      answered(async () => {
        await lookAgain();
        const endMs = clock.bootMs() + waitMs;
        while (serial === since && clock.bootMs() < endMs) {
          const restMs = Math.min(lookEveryMs, endMs - clock.bootMs());
          await woken(waiting, clock, restMs, () => serial !== since);
          if (serial === since) await lookAgain();
        }
        return serial;
      }),
    sign: (nonce, how) => answered(() => folders.sign(nonce, how)),
    git: (turn) =>
      answered(() =>
        inTurn(async (): Promise<GitOutcome> => {
          const refused = refusal(turn.role === 'active' ? 'standby' : 'active', turn.epoch);
          if (refused?.kind === 'refused') return refused;
          const { files } = await survey();
          return ports.git(
            turn,
            files.map(({ path }) => path),
          );
        }),
      ),
  };
}

/** Whether a file of this path is none that is copied, as an outcome; null: it is one. */
function leftByName(path: string): FileOutcome | null {
  const parts = splitPath(path);
  if (parts === null) return { kind: 'left', because: 'this is no path of a workspace' };
  const verdict = judgeName(parts.within);
  if (verdict.kind === 'copied') return null;
  const because = verdict.kind === 'left' ? verdict.because : 'such files are not copied';
  return { kind: 'left', because };
}

function groupsOf(paths: readonly string[]): ReadonlyMap<string, number> {
  const groups = new Map<string, number>();
  for (const path of paths) groups.set(caseKey(path), (groups.get(caseKey(path)) ?? 0) + 1);
  return groups;
}

/** What is remembered; nothing where it cannot be read. */
function readBase(text: string | null): ReadonlyMap<string, FileHash> {
  if (text === null) return new Map();
  try {
    const value: unknown = JSON.parse(text);
    const files = isFields(value) && value['version'] === 1 ? value['files'] : null;
    if (!isFields(files)) return new Map();
    return new Map(
      Object.entries(files).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    );
  } catch {
    return new Map();
  }
}

async function answered<T>(run: () => Promise<T>): Promise<Result<T, JournalFailure>> {
  try {
    return ok(await run());
  } catch (error) {
    return fail({ words: errorText(error), gone: false });
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
