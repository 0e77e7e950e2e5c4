/**
 * One round of the built-in sync: compares two workspaces and carries what differs.
 *
 * Invariants
 * 1. The other text of a conflict is on both sides before the file itself is replaced.
 * 2. Both sides take in what they have in common only after it is in place on both.
 * 3. A file that cannot be carried does not keep the others from it.
 */
import { compare } from './compare.ts';
import type { Plan, Step } from './compare.ts';
import type { ChangedBy, FileHash, FileOutcome, FilePart, WorkspaceFile } from './model.ts';
import type { Workspace } from './ports.ts';
import { lackingProfiles, failure, refusalWords } from './round.ts';
import type { Round, RoundFailure, RoundResult, Sides } from './round.ts';

/** Makes the rounds of the built-in sync. */
export const syncRound: Round = async (sides, tell) => {
  const [active, copy] = await Promise.all([sides.active.survey(), sides.copy.survey()]);
  if (!active.ok) return failure('active', active.error);
  if (!copy.ok) return failure('copy', copy.error);
  const plan = compare(active.value, copy.value, sides.copyId);
  const total = plan.same + plan.steps.length;
  let carried = plan.same;
  const trouble: string[] = [];
  const keptNow: string[] = [];
  const result = (): RoundResult => ({
    kind: 'done',
    carried,
    total,
    trouble: trouble[0] ?? '',
    left: plan.left,
    files: [
      ...active.value.files.map(({ path }) => path),
      ...copy.value.files.map(({ path }) => path),
      ...keptNow,
    ],
    lacking: lackingProfiles(active.value.profiles, copy.value.profiles),
  });

  const noted = await note(sides, plan.notes);
  if (noted !== null) return noted;
  for (const step of plan.steps) {
    tell({ carried, total });
    if (sides.stopped()) return result();
    const done = await carry(step, sides);
    if (done === null && step.kind === 'conflict') keptNow.push(step.keptAs);
    if (done === null) carried += 1;
    else if (done.kind === 'trouble') trouble.push(done.words);
    else return done;
  }
  return result();
};

type Carried = RoundFailure | { readonly kind: 'trouble'; readonly words: string } | null;

async function carry(step: Step, sides: Sides): Promise<Carried> {
  switch (step.kind) {
    case 'to-copy':
      return bothHave(sides, step.file, await copyFile(sides, 'active', step.file, step.on));
    case 'to-active':
      return bothHave(sides, step.file, await copyFile(sides, 'standby', step.file, step.on));
    case 'remove': {
      const { path, on } = step;
      const gone = await sides.copy.remove({ path, on, epoch: sides.epoch });
      const done = gone.ok ? judged(path, gone.value) : failed('copy', path, gone.error);
      return done ?? note(sides, { [path]: null });
    }
    case 'conflict':
      return keepBoth(step, sides);
  }
}

async function keepBoth(
  { file, other, keptAs }: Extract<Step, { kind: 'conflict' }>,
  sides: Sides,
): Promise<Carried> {
  const text = await readWhole(sides.copy, 'copy', other);
  if (text.kind !== 'read') return text;
  const kept = { ...other, path: keptAs };
  const done =
    (await writeWhole(sides, 'active', kept, text.parts, null)) ??
    (await writeWhole(sides, 'standby', kept, text.parts, null)); // invariant 1
  if (done !== null) return done;
  const noted = await note(sides, { [keptAs]: other.hash });
  if (noted !== null) return noted;
  return bothHave(sides, file, await copyFile(sides, 'active', file, other.hash));
}

/** Carries a file over; `from` says which side has it. */
async function copyFile(
  sides: Sides,
  from: ChangedBy,
  file: WorkspaceFile,
  on: FileHash | null,
): Promise<Carried> {
  const [source, side] =
    from === 'active' ? ([sides.active, 'active'] as const) : ([sides.copy, 'copy'] as const);
  const read = await readWhole(source, side, file);
  return read.kind === 'read' ? writeWhole(sides, from, file, read.parts, on) : read;
}

async function readWhole(
  from: Workspace,
  side: 'active' | 'copy',
  { path, hash, size }: WorkspaceFile,
): Promise<
  { readonly kind: 'read'; readonly parts: readonly FilePart[] } | Exclude<Carried, null>
> {
  const parts: FilePart[] = [];
  let offset = 0;
  do {
    const part = await from.read(path, hash, offset);
    if (!part.ok) return failed(side, path, part.error);
    if (part.value === null || part.value.size !== size) return movedOn(path);
    parts.push(part.value);
    const length = bytesOf(part.value);
    if (length === 0 && size > 0) return movedOn(path);
    offset += length;
  } while (offset < size);
  return { kind: 'read', parts };
}

async function writeWhole(
  sides: Sides,
  by: ChangedBy,
  { path, hash, executable }: WorkspaceFile,
  parts: readonly FilePart[],
  on: FileHash | null,
): Promise<Carried> {
  const [to, side] =
    by === 'active' ? ([sides.copy, 'copy'] as const) : ([sides.active, 'active'] as const);
  let offset = 0;
  for (const part of parts) {
    const { epoch } = sides;
    const written = await to.write({ path, offset, part, hash, executable, on, by, epoch });
    if (!written.ok) return failed(side, path, written.error);
    offset += bytesOf(part);
    if (written.value.kind === 'done') return null;
    if (written.value.kind !== 'more') return judged(path, written.value);
  }
  return movedOn(path);
}

async function bothHave(sides: Sides, file: WorkspaceFile, done: Carried): Promise<Carried> {
  return done ?? note(sides, { [file.path]: file.hash }); // invariant 2
}

async function note(sides: Sides, notes: Plan['notes']): Promise<RoundFailure | null> {
  if (Object.keys(notes).length === 0) return null;
  const copy = await sides.copy.note(notes);
  if (!copy.ok) return failure('copy', copy.error);
  const active = await sides.active.note(notes);
  return active.ok ? null : failure('active', active.error);
}

function judged(path: string, outcome: FileOutcome): Carried {
  switch (outcome.kind) {
    case 'done':
      return null;
    case 'refused':
      return { kind: 'refused', words: refusalWords[outcome.reason] };
    case 'left':
      return { kind: 'trouble', words: `${path}: ${outcome.because}` };
    case 'more':
    case 'moved':
      return movedOn(path);
  }
}

function failed(
  side: 'active' | 'copy',
  path: string,
  error: { readonly words: string; readonly gone: boolean },
): Exclude<Carried, null> {
  return error.gone ? failure(side, error) : { kind: 'trouble', words: `${path}: ${error.words}` };
}

/** It was changed meanwhile: the next round sees what it is now. */
function movedOn(path: string): Exclude<Carried, null> {
  return { kind: 'trouble', words: `${path} is being changed` };
}

function bytesOf({ data }: FilePart): number {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return (data.length / 4) * 3 - padding;
}
