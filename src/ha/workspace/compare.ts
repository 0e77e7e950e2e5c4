/**
 * What has to be done so that two workspaces hold the same, from what each has and what both had. Pure.
 *
 * Invariants
 * 1. What a person or an agent wrote is replaced only by what was written after it, as far as is known: where both sides wrote,
 *    both texts stay.
 * 2. A file is removed only from the copy, and only if the copy holds just what both had, or an untouched template.
 * 3. A file that either side does not copy is left alone on both.
 */
import type { FileHash, LeftFile, WorkspaceFile, WorkspaceSurvey } from './model.ts';
import { caseKey, conflictPath, splitPath } from './names.ts';

/** One thing to do. `on`: what has to be there now; null: nothing. */
export type Step =
  | {
      readonly kind: 'to-copy' | 'to-active';
      readonly file: WorkspaceFile;
      readonly on: FileHash | null;
    }
  | { readonly kind: 'remove'; readonly path: string; readonly on: FileHash }
  | {
      readonly kind: 'conflict';
      /** What the active gateway has: it wins. */
      readonly file: WorkspaceFile;
      readonly other: WorkspaceFile;
      /** Where the other text is kept, on both sides. */
      readonly keptAs: string;
    };

export interface Plan {
  readonly steps: readonly Step[];
  /** What both have now and do not remember, or remember and no longer have. */
  readonly notes: Readonly<Record<string, FileHash | null>>;
  readonly left: readonly (LeftFile & { readonly side: 'active' | 'copy' })[];
  /** How many files both have. */
  readonly same: number;
}

const lostWords =
  'the active gateway’s workspace is empty, which may be a mistake: nothing is deleted for that';

/** Compares; `copyId` is the id of the gateway that holds the copy. */
export function compare(active: WorkspaceSurvey, copy: WorkspaceSurvey, copyId: string): Plan {
  const here = new Map(active.files.map((file) => [file.path, file]));
  const there = new Map(copy.files.map((file) => [file.path, file]));
  const left: Plan['left'][number][] = [
    ...active.left.map((each) => ({ ...each, side: 'active' as const })),
    ...copy.left.map((each) => ({ ...each, side: 'copy' as const })),
    ...missingAgents(active, copy),
  ];
  const untouchable = new Set(left.map(({ path }) => caseKey(path)));
  const isHeldBack = (path: string): boolean =>
    untouchable.has(caseKey(path)) || untouchable.has(caseKey(splitPath(path)?.agent ?? ''));
  const paths = new Set([
    ...here.keys(),
    ...there.keys(),
    ...Object.keys(active.base),
    ...Object.keys(copy.base),
  ]);
  const spelled = new Map<string, string>();
  for (const path of [...here.keys(), ...there.keys()]) {
    const other = spelled.get(caseKey(path)) ?? path;
    spelled.set(caseKey(path), path);
    if (other === path || isHeldBack(path)) continue;
    const because = `the other gateway has ${other}: the same name but for capital letters`;
    left.push({ path, because, side: 'active' });
    untouchable.add(caseKey(path));
  }

  const steps: Step[] = [];
  const notes: Record<string, FileHash | null> = {};
  let same = 0;
  const taken = new Map<string, FileHash>();
  const keptAs = (other: WorkspaceFile): string => {
    const path = conflictPath(other.path, copyId, other.changedMs, (wanted) =>
      [here.get(wanted)?.hash, there.get(wanted)?.hash, taken.get(wanted)].every(
        (hash) => hash === undefined || hash === other.hash,
      ),
    );
    taken.set(path, other.hash);
    return path;
  };
  // A workspace without any file was lost, or is not mounted: nothing is concluded from what it lacks.
  const filled = new Set(active.files.map((file) => splitPath(file.path)?.agent));

  for (const path of [...paths].sort()) {
    if (isHeldBack(path)) continue;
    const [file, other] = [here.get(path), there.get(path)];
    const base = active.base[path] === copy.base[path] ? active.base[path] : undefined;
    const isNoted = base !== undefined;
    if (file === undefined && other === undefined) {
      if (path in active.base || path in copy.base) notes[path] = null;
    } else if (file === undefined && other !== undefined) {
      const isUnchanged = isNoted ? other.hash === base : other.template;
      if (!isUnchanged) steps.push({ kind: 'to-active', file: other, on: null });
      else if (!filled.has(splitPath(path)?.agent))
        left.push({ path, because: lostWords, side: 'copy' });
      else steps.push({ kind: 'remove', path, on: other.hash });
    } else if (file !== undefined && other === undefined) {
      steps.push({ kind: 'to-copy', file, on: null });
    } else if (file !== undefined && other !== undefined) {
      if (file.hash === other.hash) {
        same += 1;
        if (base !== file.hash) notes[path] = file.hash;
      } else if (isNoted ? other.hash === base : other.template) {
        steps.push({ kind: 'to-copy', file, on: other.hash });
      } else if (isNoted ? file.hash === base : file.template) {
        steps.push({ kind: 'to-active', file: other, on: file.hash });
      } else {
        steps.push({ kind: 'conflict', file, other, keptAs: keptAs(other) });
      }
    }
  }
  return { steps, notes, left, same };
}

/** An agent that only one gateway has has nowhere to go. */
function missingAgents(active: WorkspaceSurvey, copy: WorkspaceSurvey): Plan['left'] {
  const lacking = (
    of: WorkspaceSurvey,
    other: WorkspaceSurvey,
    side: 'active' | 'copy',
  ): Plan['left'] =>
    of.agents
      .filter((agent) => !other.agents.includes(agent))
      .map((path) => ({ path, because: 'the other gateway has no agent of this name', side }));
  return [...lacking(active, copy, 'active'), ...lacking(copy, active, 'copy')];
}
