import { useState } from 'react';
import type { ReactNode } from 'react';

import type { AuditView, Bridge } from '../../../shared/index.ts';
import { formatClock, formatDay, formatFull } from '../../app/times.ts';
import { useCall } from '../../app/use-call.ts';
import { t } from '../../app/words.ts';

/** How the log stood when it was last checked; check it now, or take it along. */
export function LogState(props: {
  readonly audit: AuditView;
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'verify' | 'exportLog'>;
}): ReactNode {
  const { audit, bridge } = props;
  const [redacted, setRedacted] = useState(true);
  const [exported, setExported] = useState<string | null>(null);
  const checking = useCall();
  const exporting = useCall();
  const problem = checking.problem ?? exporting.problem;
  const count = audit.records.toLocaleString(navigator.language);
  const isBad = ['altered', 'cut', 'unreadable'].includes(audit.state);
  const words = t(`trust.audit.${audit.state}`, {
    time: audit.checkedAtMs === null ? '' : whenChecked(audit.checkedAtMs),
    records: count,
    problem: audit.problems.join(' '),
  });
  return (
    <section aria-labelledby="trust-audit">
      <h3 id="trust-audit" className="heading mb-2">
        {t('trust.audit')}
      </h3>
      <div className="flex flex-col gap-2 rounded-lg border border-line bg-raise px-3 py-2.5">
        <div className="flex items-start gap-3">
          <p
            role="status"
            className={`selectable min-w-0 flex-1 wrap-anywhere ${isBad ? 'font-medium text-bad' : ''}`}
          >
            {checking.busy ? t('trust.audit.checking') : words}
          </p>
          <button
            type="button"
            aria-disabled={checking.busy}
            className="button"
            onClick={() => {
              if (!checking.busy) checking.run(bridge.verify());
            }}
          >
            {t('trust.audit.verify')}
          </button>
        </div>
        <p className="text-xs leading-4 text-ink-2">
          {audit.sealedAtMs === null
            ? t('trust.audit.unsealed')
            : t('trust.audit.sealed', {
                sealed: audit.sealed.toLocaleString(navigator.language),
                records: count,
                time: formatFull(audit.sealedAtMs),
              })}{' '}
          {t(`trust.audit.keys.${audit.keys}`)}
        </p>
        <div className="flex items-center gap-3 border-t border-line pt-2">
          <label className="flex min-w-0 flex-1 items-center gap-2 text-xs">
            <input
              type="checkbox"
              checked={redacted}
              className="size-3.5 accent-solid"
              onChange={({ target }) => {
                setRedacted(target.checked);
              }}
            />
            {t('trust.audit.redacted')}
          </label>
          <button
            type="button"
            disabled={exporting.busy}
            className="button"
            onClick={() => {
              setExported(null);
              exporting.run(bridge.exportLog({ redacted }), ({ path, records }) => {
                if (path !== null)
                  setExported(
                    t('trust.audit.exported', {
                      records: records.toLocaleString(navigator.language),
                      path,
                    }),
                  );
              });
            }}
          >
            {t('trust.audit.export')}
          </button>
        </div>
        <p
          role="status"
          className={exported === null ? 'sr-only' : 'selectable text-xs leading-4 wrap-anywhere'}
        >
          {exported}
        </p>
        <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
          {problem}
        </p>
      </div>
    </section>
  );
}

/** "today 09:00", or the day with the time. */
function whenChecked(atMs: number): string {
  const time = formatClock(atMs);
  return formatDay(atMs) === formatDay(Date.now())
    ? t('trust.audit.today', { time })
    : formatFull(atMs);
}
