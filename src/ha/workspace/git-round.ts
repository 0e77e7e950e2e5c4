/** One round where the workspaces are git repositories with one remote: the active gateway publishes, the other one follows. */
import type { GitOutcome } from './model.ts';
import type { Round, RoundFailure } from './round.ts';
import { failure, lackingProfiles, refusalWords } from './round.ts';

/** Makes the rounds; `remote` is what git calls the place that both reach. */
export function gitRound(remote: string): Round {
  return async (sides) => {
    const { epoch } = sides;
    const turns = [
      // What a person changed at the standby is published first, so that the active gateway can take it in.
      ['copy', { role: 'standby', gateway: sides.copyId, remote, epoch }],
      ['active', { role: 'active', gateway: sides.activeId, remote, epoch }],
      ['copy', { role: 'standby', gateway: sides.copyId, remote, epoch }],
    ] as const;
    const heads: Partial<Record<'active' | 'copy', Readonly<Record<string, string>>>> = {};
    let away: RoundFailure | null = null;
    for (const [side, turn] of turns) {
      const done = await sides[side].git(turn);
      const bad = done.ok ? problem(side, done.value) : failure(side, done.error);
      if (bad?.kind === 'refused' || (bad !== null && side === 'active')) return bad;
      if (done.ok && done.value.kind === 'done') heads[side] = done.value.heads;
      away = bad; // the active gateway publishes also while nobody follows
    }
    if (away !== null) return away;
    const [active, copy] = await Promise.all([sides.active.survey(), sides.copy.survey()]);
    if (!active.ok) return failure('active', active.error);
    if (!copy.ok) return failure('copy', copy.error);
    const apart = Object.entries(heads.active ?? {}).filter(
      ([agent, head]) => heads.copy?.[agent] !== head,
    );
    const total = active.value.files.length;
    return {
      kind: 'done',
      carried: apart.length === 0 ? total : 0,
      total,
      trouble:
        apart.length === 0
          ? ''
          : `the standby has not followed yet (${apart.map(([agent]) => agent).join(', ')})`,
      left: active.value.left.map((each) => ({ ...each, side: 'active' as const })),
      files: active.value.files.map(({ path }) => path),
      lacking: lackingProfiles(active.value.profiles, copy.value.profiles),
    };
  };
}

function problem(side: 'active' | 'copy', outcome: GitOutcome): RoundFailure | null {
  switch (outcome.kind) {
    case 'done':
      return null;
    case 'refused':
      return { kind: 'refused', words: refusalWords[outcome.reason] };
    case 'failed':
      return failure(side, outcome);
  }
}
