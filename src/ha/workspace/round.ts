/** What the three ways of keeping workspaces in step have in common: one round of looking and carrying. */
import type { AuthProfile, LeftFile } from './model.ts';
import type { Workspace } from './ports.ts';

/** The two gateways, and who asks. */
export interface Sides {
  readonly active: Workspace;
  readonly copy: Workspace;
  readonly activeId: string;
  readonly copyId: string;
  readonly epoch: number;
  /** Nobody wants the rest of the round any more. */
  readonly stopped: () => boolean;
}

/** `gone`: a side does not answer; `refused`: this guardian does not speak for the pair any more. */
export interface RoundFailure {
  readonly kind: 'gone' | 'refused';
  readonly words: string;
}

export interface RoundResult {
  readonly kind: 'done';
  /** Files that are in step, of all. */
  readonly carried: number;
  readonly total: number;
  /** Why the rest is not, in words; empty: it is. */
  readonly trouble: string;
  readonly left: readonly (LeftFile & { readonly side: 'active' | 'copy' })[];
  /** Everything that was seen: conflict copies are found among it. */
  readonly files: readonly string[];
  /** Credentials that only the active gateway has. */
  readonly lacking: readonly AuthProfile[];
}

export type Round = (
  sides: Sides,
  tell: (progress: { readonly carried: number; readonly total: number }) => void,
) => Promise<RoundResult | RoundFailure>;

export const refusalWords = {
  'old-epoch': 'another guardian speaks for the pair by now',
  acting: 'the copy is of a gateway that may act',
} as const;

/** What a failed question makes of a round. */
export function failure(side: 'active' | 'copy', error: { readonly words: string }): RoundFailure {
  return { kind: 'gone', words: `${side === 'active' ? 'original' : 'copy'}: ${error.words}` };
}

/** Which credentials the standby would miss, by name. */
export function lackingProfiles(
  active: readonly AuthProfile[] | null,
  copy: readonly AuthProfile[] | null,
): readonly AuthProfile[] {
  if (active === null || copy === null) return [];
  const nameOf = ({ agent, provider, profile }: AuthProfile): string =>
    JSON.stringify([agent, provider, profile]);
  const there = new Set(copy.map(nameOf));
  return active.filter((each) => !there.has(nameOf(each)));
}
