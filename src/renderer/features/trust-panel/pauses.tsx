import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Bridge, Domain, TrustView } from '../../../shared/index.ts';
import { useCall } from '../../app/use-call.ts';
import { domainName, t } from '../../app/words.ts';

/** What of earlier crossings still matters: text that an agent has read, crossings of which the end is not known. */
export function Pauses(props: {
  readonly domains: readonly Domain[];
  readonly trust: Pick<TrustView, 'tainted' | 'unfinished'>;
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'clearTaint'>;
}): ReactNode {
  const { domains, trust, bridge } = props;
  const { busy, problem, run } = useCall();
  const row = 'flex items-start gap-2 rounded-lg border border-line bg-warn-soft px-3 py-2';
  const mark = <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />;
  return (
    <>
      {trust.tainted.map((domain) => (
        <div key={domain} className={row}>
          {mark}
          <p className="min-w-0 flex-1">
            {t('trust.tainted', { domain: domainName(domains, domain) })}
          </p>
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={() => {
              run(bridge.clearTaint({ domain }));
            }}
          >
            {t('trust.tainted.clear')}
          </button>
        </div>
      ))}
      {trust.unfinished.length > 0 && (
        <div className={row}>
          {mark}
          <div className="min-w-0 flex-1">
            <p>{t('trust.unfinished', { count: trust.unfinished.length })}</p>
            <ul className="selectable mt-1 text-xs leading-4 text-ink-2">
              {trust.unfinished.map(({ record, actId }) => (
                <li key={record} className="wrap-anywhere">
                  {t('trust.unfinished.one', { record, act: actId })}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
    </>
  );
}
