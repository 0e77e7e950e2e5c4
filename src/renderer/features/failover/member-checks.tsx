import type { ReactNode } from 'react';

import type { PairView } from '../../../shared/index.ts';
import { formatAge, formatLatency } from '../../app/times.ts';
import { useNow } from '../../app/use-now.ts';
import { t } from '../../app/words.ts';

/** The last check of each member, and how long ago it was. */
export function MemberChecks(props: {
  readonly pair: PairView;
  readonly nameOf: (gatewayId: string) => string;
  readonly roleOf: (gatewayId: string) => string;
}): ReactNode {
  const { pair, nameOf, roleOf } = props;
  const nowMs = useNow(true);
  const head = 'px-2 py-1.5 font-medium first:pl-3 last:pr-3';
  const cell = 'px-2 py-2 align-top first:pl-3 last:pr-3';
  return (
    <div>
      <h4 className="heading mb-2">{t('failover.checks')}</h4>
      <div className="overflow-hidden rounded-lg border border-line bg-raise">
        <table aria-label={t('failover.checks')} className="w-full text-left text-xs leading-4">
          <thead className="border-b border-line bg-canvas text-ink-2">
            <tr>
              <th scope="col" className={head}>
                {t('failover.member')}
              </th>
              <th scope="col" className={head}>
                {t('failover.result')}
              </th>
              <th scope="col" className={`${head} text-right`}>
                {t('failover.latency')}
              </th>
              <th scope="col" className={`${head} text-right`}>
                {t('failover.misses')}
              </th>
              <th scope="col" className={`${head} text-right`}>
                {t('failover.age')}
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {[pair.primaryId, pair.standbyId].map((gatewayId) => {
              const check = pair.checks.find((candidate) => candidate.gatewayId === gatewayId);
              return (
                <tr key={gatewayId} title={check?.detail}>
                  <th scope="row" className={`${cell} font-normal`}>
                    <span className="block font-medium">{nameOf(gatewayId)}</span>
                    <span className="text-ink-2">{roleOf(gatewayId)}</span>
                  </th>
                  <td className={cell}>
                    <span
                      className={`block font-medium ${check === undefined ? 'text-ink-2' : check.ok ? 'text-good' : 'text-bad'}`}
                    >
                      {t(
                        check === undefined
                          ? 'failover.unchecked'
                          : check.ok
                            ? 'failover.ok'
                            : 'failover.missed',
                      )}
                    </span>
                    {check !== undefined && (
                      <span className="text-ink-2">{t(`failover.depth.${check.depth}`)}</span>
                    )}
                  </td>
                  <td className={`${cell} numeric text-right`}>
                    {check?.latencyMs == null ? '–' : formatLatency(check.latencyMs)}
                  </td>
                  <td className={`${cell} numeric text-right`}>{check?.misses ?? '–'}</td>
                  <td className={`${cell} numeric text-right whitespace-nowrap`}>
                    {check === undefined ? '–' : formatAge(check.atMs, nowMs)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
