import { CircleCheck, CircleX, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';

import type { BackupProgress, BackupView, Bridge } from '../../../../shared/index.ts';
import { act } from '../../../app/act.ts';
import { formatClock } from '../../../app/times.ts';
import { t } from '../../../app/words.ts';

const kilobytes = inUnits('kilobyte');
const megabytes = inUnits('megabyte');

/** The backups that come before a set-up touches anything: what they are, and how far each is. */
export function BackupFirst(props: {
  readonly backups: readonly BackupProgress[];
  /** One gateway of the pair runs on another computer. */
  readonly two: boolean;
  readonly isSaving: boolean;
  readonly noBackup: boolean;
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'cancelBackup' | 'showBackup'>;
  readonly onNoBackup: (noBackup: boolean) => void;
}): ReactNode {
  const { backups, two, isSaving, noBackup, bridge, onNoBackup } = props;
  const isMaking = isSaving && backups.some(({ state }) => state === 'making');
  const hasFailed = backups.some(({ state }) => state === 'failed');
  return (
    <section
      aria-label={t('backup.title')}
      className="flex flex-col gap-2 rounded-lg border border-line bg-raise px-3 py-2.5 text-xs leading-4"
    >
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h4 className="text-sm font-medium">{t('backup.title')}</h4>
          <p className="text-ink-2">{t('backup.intro')}</p>
          {two && <p className="mt-1 text-ink-2">{t('backup.elsewhere')}</p>}
        </div>
        {isMaking && (
          <button
            type="button"
            className="button"
            onClick={() => {
              act(bridge.cancelBackup());
            }}
          >
            {t('backup.cancel')}
          </button>
        )}
      </div>
      <BackupList backups={backups} bridge={bridge} />
      {(hasFailed || noBackup) && !isSaving && (
        <label className="flex items-start gap-2.5">
          <input
            type="checkbox"
            checked={noBackup}
            aria-describedby="setup-no-backup"
            className="mt-px size-3.5 shrink-0 accent-solid"
            onChange={({ target }) => {
              onNoBackup(target.checked);
            }}
          />
          <span>
            <span className="block font-medium">{t('backup.without')}</span>
            <span id="setup-no-backup" className="block text-ink-2">
              {t('backup.without.detail')}
            </span>
          </span>
        </label>
      )}
    </section>
  );
}

/** How far each backup is; a finished one says where it lies. */
export function BackupList(props: {
  readonly backups: readonly BackupProgress[];
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'showBackup'>;
}): ReactNode {
  const { backups, bridge } = props;
  if (backups.length === 0) return null;
  return (
    <ul aria-live="polite" className="flex flex-col gap-1.5">
      {backups.map((backup) => (
        <li key={backup.gatewayId} className="flex items-start gap-2">
          <Mark state={backup.state} />
          <div className="min-w-0 flex-1">
            <p className={`wrap-anywhere ${backup.state === 'failed' ? 'text-bad' : ''}`}>
              {wordsOf(backup)}
            </p>
            {backup.state === 'made' && <Made backup={backup.backup} bridge={bridge} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Made(props: {
  readonly backup: BackupView;
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'showBackup'>;
}): ReactNode {
  const { backup, bridge } = props;
  return (
    <div className="flex items-start gap-3 text-ink-2">
      <p className="min-w-0 flex-1">
        <span className="selectable font-mono wrap-anywhere">{backup.path}</span>
        <br />
        {t('backup.how')}
      </p>
      <button
        type="button"
        className="button"
        onClick={() => {
          act(bridge.showBackup({ gatewayId: backup.gatewayId }));
        }}
      >
        {t('backup.show')}
      </button>
    </div>
  );
}

function Mark({ state }: Pick<BackupProgress, 'state'>): ReactNode {
  if (state === 'waiting' || state === 'making')
    return (
      <LoaderCircle
        aria-hidden
        className={`size-4 shrink-0 text-ink-2 ${state === 'making' ? 'animate-spin motion-reduce:animate-none' : ''}`}
        strokeWidth={1.75}
      />
    );
  const Icon = state === 'failed' ? CircleX : CircleCheck;
  return (
    <Icon
      aria-hidden
      className={`size-4 shrink-0 ${state === 'failed' ? 'text-bad' : 'text-good'}`}
      strokeWidth={1.75}
    />
  );
}

function wordsOf(backup: BackupProgress): string {
  const { name } = backup;
  switch (backup.state) {
    case 'waiting':
      return t('backup.waiting', { name });
    case 'making':
      return t('backup.making', { name, size: formatBytes(backup.bytes) });
    case 'made':
      return t('backup.made', {
        name,
        size: formatBytes(backup.backup.bytes),
        time: formatClock(backup.backup.madeAtMs),
        version: backup.backup.version,
      });
    case 'empty':
      return t('backup.empty', { name });
    case 'failed':
      return backup.words;
  }
}

function formatBytes(bytes: number): string {
  return bytes < 1_000_000 ? kilobytes.format(bytes / 1_000) : megabytes.format(bytes / 1_000_000);
}

function inUnits(unit: string): Intl.NumberFormat {
  return new Intl.NumberFormat(navigator.language, {
    style: 'unit',
    unit,
    maximumFractionDigits: 1,
  });
}
