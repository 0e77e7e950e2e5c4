/**
 * Which files of a workspace are copied, by their names: the markdown beside the persona, `memory` and `skills`. Everything
 * else stays where it is.
 */
import { looksSecretName } from './secrets.ts';

const agentId = /^[a-z0-9][a-z0-9_-]{0,63}$/iu;
/** What some system does not take in a name, and what could be mistaken for a path. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const unusable = /[\u0000-\u001f\u007f<>:"|?*\\]|[. ]$/u;
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu;
const built = ['node_modules', '__pycache__', 'venv'];
const folders = ['memory', 'skills'];
const conflictMark = /\.conflict-[a-z0-9-]+-\d{4}-\d{2}-\d{2}(-\d+)?(\.[^.]*)?$/u;
/** Copies that Syncthing and Dropbox make. */
const foreignConflict = /\.sync-conflict-\d|\([^)]*conflicted copy[^)]*\)/iu;

/** How a path is dealt with. `none`: it is none of ours, and no word is lost about it. */
export type NameVerdict =
  | { readonly kind: 'copied' }
  | { readonly kind: 'left'; readonly because: string }
  | { readonly kind: 'none' };

/** Judges a path within a workspace, without the agent's id. */
export function judgeName(path: string): NameVerdict {
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  const above = parts.slice(0, -1);
  const isOurs =
    parts.length === 1 ? true : folders.includes(parts[0] ?? '') && !above.some(isSkippedFolder);
  if (!isOurs) return { kind: 'none' };
  if (looksSecretName(name))
    return { kind: 'left', because: 'its name says that it holds a secret' };
  if (name.startsWith('.') || (parts.length === 1 && !/\.md$/iu.test(name)))
    return { kind: 'none' };
  if (parts.some((part) => unusable.test(part) || reserved.test(part) || part.length > 200))
    return { kind: 'left', because: 'not every system can have a file of this name' };
  return { kind: 'copied' };
}

/** Whether a folder of a workspace has nothing to copy; `path` is relative to the workspace. */
export function isSkipped(path: string): boolean {
  const parts = path.split('/');
  return !folders.includes(parts[0] ?? '') || parts.some(isSkippedFolder);
}

function isSkippedFolder(name: string): boolean {
  return name.startsWith('.') || built.includes(name);
}

/** Takes the agent's id off a path; null where it is none that could be copied: absolute, upwards, empty parts. */
export function splitPath(
  path: string,
): { readonly agent: string; readonly within: string } | null {
  const [agent = '', ...parts] = path.split('/');
  const fits =
    path.length <= 1_024 &&
    agentId.test(agent) &&
    parts.length > 0 &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\0\\]/u.test(part));
  return fits ? { agent, within: parts.join('/') } : null;
}

/** Paths that some system takes for the same have the same key. */
export function caseKey(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** Whether a file is the other side's text of a conflict, by whoever kept it. */
export function isConflictCopy(path: string): boolean {
  return conflictMark.test(path) || foreignConflict.test(path);
}

/**
 * What the other side's text of a conflict is called: `MEMORY.conflict-home-b-2026-11-22.md`.
 * `isFree` says whether a name can be had; a number is added until one can.
 */
export function conflictPath(
  path: string,
  gatewayId: string,
  changedMs: number,
  isFree: (path: string) => boolean,
): string {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  const day = new Date(changedMs).toISOString().slice(0, 10);
  for (let number = 1; ; number += 1) {
    const more = number === 1 ? '' : `-${String(number)}`;
    const kept = `${path.slice(0, slash + 1)}${stem}.conflict-${gatewayId}-${day}${more}${ending}`;
    if (isFree(kept)) return kept;
  }
}
