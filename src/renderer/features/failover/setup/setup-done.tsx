import { CircleCheck } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

import type { BackupProgress, Bridge } from '../../../../shared/index.ts';
import { t } from '../../../app/words.ts';
import { BackupList } from './backups.tsx';
import { JoinOther } from './join-other.tsx';
import { leaveSetup } from './setup-store.ts';
import type { SetupState } from './setup-store.ts';

/** The pair is saved: what happens now, and what is left to do on the other computer. */
export function SetupDone(props: {
  readonly saved: NonNullable<SetupState['saved']>;
  readonly bridge: Bridge<'shell'>['pairs'];
  readonly backups: readonly BackupProgress[];
}): ReactNode {
  const { pairId, name, two } = props.saved;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
  }, []);
  return (
    <div className="flex flex-col gap-4">
      <header className="flex items-start gap-3">
        <CircleCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-good" strokeWidth={1.75} />
        <div>
          <h3
            ref={title}
            tabIndex={-1}
            className="text-[15px] leading-6 font-semibold focus-visible:outline-none"
          >
            {t('setup.done.title', { name })}
          </h3>
          <p className="text-ink-2">{t(two ? 'setup.done.two' : 'setup.done.local', { name })}</p>
        </div>
      </header>
      <div className="text-xs leading-4">
        <BackupList backups={props.backups} bridge={props.bridge} />
      </div>
      {two && <JoinOther pairId={pairId} bridge={props.bridge} />}
      <button
        type="button"
        className="button button-primary h-8 self-end px-3"
        onClick={leaveSetup}
      >
        {t('setup.done.close')}
      </button>
    </div>
  );
}
