/** The workspaces of a pair: kept in step from whichever of its gateways is active here, in the way that was chosen. */
import type { Clock, Random } from '../../base/index.ts';
import type { WorkspaceView } from '../../shared/index.ts';
import type { WorkspaceConfig } from '../model.ts';
import type { WorkspacePort } from '../ports.ts';
import { woken } from '../woken.ts';
import { followWorkspace } from './follow.ts';
import { gitRound } from './git-round.ts';
import type { Workspace } from './ports.ts';
import type { Round } from './round.ts';
import { sharedRound } from './shared.ts';
import { syncRound } from './sync.ts';

export interface WorkspacePortOptions {
  readonly config: WorkspaceConfig;
  /** The workspaces of a gateway; null: they cannot be reached from here. */
  readonly workspace: (gatewayId: string) => Workspace | null;
  readonly otherOf: (gatewayId: string) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: () => void;
}

/** A shared folder may be unmounted, and a repository changed elsewhere, without a word from either gateway. */
const lookAgainMs = 60_000;
/** An agent writes several files one after the other: they become one commit. */
const settleMs = 1_000;
/** So many paths are told at most. */
const mostTold = 100;

/** Makes a port that copies nothing yet; null where the person chose to keep nothing in step. */
export function openWorkspacePort(options: WorkspacePortOptions): WorkspacePort | null {
  const { config, clock, random } = options;
  const { kind: way } = config;
  if (way === 'none') return null;
  let running: {
    readonly gatewayId: string;
    readonly copyId: string;
    readonly epoch: number;
    readonly follower: ReturnType<typeof followWorkspace>;
  } | null = null;
  const waiting = new Set<() => void>();
  const onChange = (): void => {
    for (const look of [...waiting]) look();
    options.onChange();
  };
  const isSettled = (): boolean => {
    const kind = running?.follower.state().kind;
    return kind !== 'comparing' && kind !== 'catching-up';
  };
  const round: Round =
    config.kind === 'sync'
      ? syncRound
      : config.kind === 'git'
        ? gitRound(config.remote)
        : sharedRound(() => random.id());

  return {
    follow: (active) => {
      if (active?.gatewayId === running?.gatewayId && active?.epoch === running?.epoch) return;
      running?.follower.stop();
      running = null;
      if (active === null) return;
      const { gatewayId, epoch } = active;
      const copyId = options.otherOf(gatewayId);
      const [original, copy] = [options.workspace(gatewayId), options.workspace(copyId)];
      if (original === null || copy === null) return;
      const follower = followWorkspace({
        active: original,
        copy,
        activeId: gatewayId,
        copyId,
        epoch,
        round,
        againMs: way === 'sync' ? null : lookAgainMs,
        settleMs: way === 'git' ? settleMs : 0,
        alone: way === 'git',
        clock,
        random,
        onChange,
      });
      running = { gatewayId, copyId, epoch, follower };
    },
    view: (): WorkspaceView | null => {
      if (running === null) return null;
      const { gatewayId, copyId } = running;
      const state = running.follower.state();
      const { kind, carried, total, detail, conflicts, left, lacking, behindSinceMs } = state;
      return {
        kind: way,
        state: kind,
        carried,
        total,
        behindMs: behindSinceMs === null ? null : clock.bootMs() - behindSinceMs,
        detail,
        conflicts: conflicts.slice(0, mostTold),
        notCopied: left.slice(0, mostTold).map(({ path, because, side }) => ({
          gatewayId: side === 'active' ? gatewayId : copyId,
          path,
          because,
        })),
        lacking: lacking.slice(0, mostTold).map((each) => ({ gatewayId: copyId, ...each })),
      };
    },
    caughtUp: (waitMs) => woken(waiting, clock, waitMs, isSettled),
  };
}
