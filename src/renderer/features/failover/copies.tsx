import type { ReactNode } from 'react';

import type { MirrorView, WorkspaceView } from '../../../shared/index.ts';
import { t } from '../../app/words.ts';

const number = new Intl.NumberFormat(navigator.language);

/** How the standby's copy of the conversations stands. */
export function TalkCopy({ mirror }: { readonly mirror: MirrorView }): ReactNode {
  const { state, rows, held, conflicts } = mirror;
  const words = t('failover.mirror.progress', {
    held: number.format(held),
    rows: number.format(held + rows),
  });
  return (
    <>
      <Standing state={state} words={t(`failover.mirror.${state}`)} detail={mirror.detail} />
      <Progress
        label={t('failover.mirror.catching-up')}
        copy={mirror}
        done={held}
        all={held + rows}
        words={words}
      />
      {conflicts.length > 0 && (
        <p className="wrap-anywhere text-bad">
          {t('failover.mirror.conflicts', { keys: conflicts.join(', ') })}
        </p>
      )}
    </>
  );
}

/** How the files of the two workspaces stand, what of them is not copied and why, and which credentials are missing. */
export function FilesCopy(props: {
  readonly workspace: WorkspaceView;
  readonly nameOf: (gatewayId: string) => string;
}): ReactNode {
  const { workspace, nameOf } = props;
  const { kind, state, carried, total, conflicts, notCopied, lacking } = workspace;
  const isShared = kind === 'shared-folder' && state === 'in-step';
  const words = t('failover.files.progress', {
    carried: number.format(carried),
    total: number.format(total),
  });
  return (
    <div className="flex flex-col gap-1">
      <Standing
        state={state}
        words={t(isShared ? 'failover.files.in-step.shared-folder' : `failover.files.${state}`)}
        detail={workspace.detail}
      />
      {state === 'in-step' && !isShared && (
        <p className="numeric text-ink-2">
          {kind === 'git' ? `${words} · ${t('failover.files.git')}` : words}
        </p>
      )}
      <Progress
        label={t('failover.files.catching-up')}
        copy={workspace}
        done={carried}
        all={total}
        words={words}
      />
      {conflicts.length > 0 && (
        <div>
          <p className="text-bad">{t('failover.files.conflicts')}</p>
          <Paths paths={conflicts} />
        </div>
      )}
      {lacking.map(({ gatewayId, agent, provider, profile }) => (
        <p key={`${gatewayId} ${agent} ${provider} ${profile}`} className="text-bad wrap-anywhere">
          {t('failover.files.lacking', { name: nameOf(gatewayId), agent, provider, profile })}
        </p>
      ))}
      {notCopied.length > 0 && (
        <details>
          <summary className="w-fit rounded-sm text-ink-2 hover:text-ink">
            {t('failover.files.not-copied', { count: notCopied.length })}
          </summary>
          <Paths
            paths={notCopied.map(({ gatewayId, path, because }) =>
              t('failover.files.not-copied.one', { name: nameOf(gatewayId), path, because }),
            )}
          />
        </details>
      )}
    </div>
  );
}

function Paths({ paths }: { readonly paths: readonly string[] }): ReactNode {
  return (
    <ul className="selectable max-h-40 overflow-y-auto text-ink-2" tabIndex={0}>
      {paths.map((path) => (
        <li key={path} className="wrap-anywhere">
          {path}
        </li>
      ))}
    </ul>
  );
}

/** How something stands, in words; with the reason where that is not good. */
export function Standing(props: {
  readonly state: MirrorView['state'];
  readonly words: string;
  readonly detail: string;
}): ReactNode {
  const { state, words, detail } = props;
  const isBad = state === 'away';
  return (
    <p className={`leading-5 wrap-anywhere ${isBad ? 'font-medium text-bad' : ''}`}>
      {words}
      {isBad && detail !== '' && <span className="font-normal text-ink-2">: {detail}</span>}
    </p>
  );
}

/** How far a copy is, and for how long it has been behind; nothing while it is in step. */
function Progress(props: {
  readonly label: string;
  readonly copy: Pick<MirrorView, 'state' | 'behindMs'>;
  readonly done: number;
  readonly all: number;
  readonly words: string;
}): ReactNode {
  const { label, copy, done, all, words } = props;
  const { state, behindMs } = copy;
  if (state === 'in-step') return null;
  const facts = [
    ...(done < all ? [words] : []),
    ...(behindMs === null || behindMs < 1_000
      ? []
      : [t('failover.mirror.behind', { seconds: Math.round(behindMs / 1_000) })]),
  ];
  return (
    <>
      {state === 'catching-up' && done < all && (
        <span
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={all}
          aria-valuenow={done}
          aria-valuetext={words}
          className="my-1 block h-1 overflow-hidden rounded-full bg-press"
        >
          <span
            className="block h-full origin-left rounded-full bg-tone transition-transform duration-300"
            style={{ transform: `scaleX(${done / all})` }}
          />
        </span>
      )}
      {facts.length > 0 && <p className="numeric text-ink-2">{facts.join(' · ')}</p>}
    </>
  );
}
