import { fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { appError, isGitRemote } from '../shared/index.ts';
import type { AppError, FilesChoice, PairWorkspace, Translate } from '../shared/index.ts';
import type { SettingsFile } from '../store/index.ts';
import type { PairSetupHost } from './ports.ts';

/** How the files of a pair's two workspaces are kept in step, as the settings have it. */
export interface PairFiles {
  /** What is chosen, and what decides about the other choices. */
  chosen(pairId: string): Promise<Result<FilesChoice, AppError>>;
  /** Chooses; the guardian goes over to it. Refused where it could not work. */
  choose(pairId: string, workspace: PairWorkspace): Promise<Result<null, AppError>>;
}

/** Makes it over the settings file. */
export function createPairFiles(ports: {
  readonly settings: SettingsFile;
  readonly host: Pick<PairSetupHost, 'hasGit'>;
  readonly t: Translate;
}): PairFiles {
  const { settings, host, t } = ports;
  const gone = () => fail(appError('not-found', t('pair.gone')));
  return {
    chosen: async (pairId) => {
      const hasGit = await host.hasGit();
      const pair = settings.current().pairs.find(({ id }) => id === pairId);
      if (pair === undefined) return gone();
      const { workspace, place } = pair;
      return ok({ workspace, hasGit, two: place.kind === 'two-computers' });
    },
    choose: async (pairId, workspace) => {
      if (workspace.kind === 'git') {
        if (!isGitRemote(workspace.remote))
          return fail(appError('bad-input', t('setup.fault.remote')));
        if (!(await host.hasGit())) return fail(appError('denied', t('setup.fault.no-git')));
      }
      if (!settings.current().pairs.some(({ id }) => id === pairId)) return gone();
      const saved = await settings.update((current) => ({
        ...current,
        pairs: current.pairs.map((pair) => (pair.id === pairId ? { ...pair, workspace } : pair)),
      }));
      return saved.ok ? ok(null) : saved;
    },
  };
}
