import type { ReactNode } from 'react';

import type { AppState, Bridge, GrantView } from '../../../shared/index.ts';
import { formatClock } from '../../app/times.ts';
import { useCall } from '../../app/use-call.ts';
import { useNow } from '../../app/use-now.ts';
import { domainName, t } from '../../app/words.ts';

/** What was allowed in advance, with what is left of it. */
export function Grants(props: {
  readonly state: Pick<AppState, 'domains' | 'trust'>;
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'endGrants'>;
}): ReactNode {
  const { domains, trust } = props.state;
  const { problem, run } = useCall();
  const nowMs = useNow(trust.grants.length > 0);
  return (
    <section aria-labelledby="trust-grants">
      <div className="mb-1 flex h-7 items-center justify-between">
        <h3 id="trust-grants" className="heading">
          {t('trust.grants')}
        </h3>
        {trust.grants.length > 0 && (
          <button
            type="button"
            className="button text-bad"
            onClick={() => {
              run(props.bridge.endGrants());
            }}
          >
            {t('trust.grant.end')}
          </button>
        )}
      </div>
      <ul
        aria-labelledby="trust-grants"
        className="divide-y divide-line rounded-lg border border-line bg-raise"
      >
        {trust.grants.length === 0 && <li className="px-3 py-2.5">{t('trust.grant.none')}</li>}
        {trust.grants.map((grant, index) => (
          <li key={index} className="px-3 py-2">
            <p className="flex items-baseline gap-2">
              <span className="min-w-0 flex-1 font-medium">
                {t(`trust.grant.edge.${grant.action}`, {
                  from: domainName(domains, grant.from),
                  to: domainName(domains, grant.to),
                })}
              </span>
              <span className="numeric shrink-0 text-xs text-ink-2">{timeLeft(grant, nowMs)}</span>
            </p>
            <p className="numeric text-xs leading-4 text-ink-2">
              {t('trust.grant', {
                calls: grant.callsLeft,
                bytes: grant.bytesEach.toLocaleString(navigator.language),
                total: (grant.callsLeft * grant.bytesEach).toLocaleString(navigator.language),
                time: formatClock(grant.untilMs),
              })}
            </p>
          </li>
        ))}
      </ul>
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
    </section>
  );
}

function timeLeft({ untilMs }: GrantView, nowMs: number): string {
  const seconds = Math.ceil((untilMs - nowMs) / 1000);
  if (seconds <= 0) return t('trust.grant.over');
  const time =
    seconds < 60
      ? t('trust.seconds', { count: seconds })
      : t('trust.minutes', { count: Math.ceil(seconds / 60) });
  return t('trust.grant.left', { time });
}
