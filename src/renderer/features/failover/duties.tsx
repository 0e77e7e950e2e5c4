import type { ReactNode } from 'react';

import type { DutiesView } from '../../../shared/index.ts';
import { t } from '../../app/words.ts';
import { Standing } from './copies.tsx';

/** Who runs the scheduled jobs and the channels, and what a person should know of them. */
export function Duties(props: {
  readonly duties: DutiesView;
  readonly nameOf: (gatewayId: string) => string;
}): ReactNode {
  const { duties, nameOf } = props;
  const { state, runsOn, jobs, channels, interrupted, onlyOnStandby, problems, detail } = duties;
  return (
    <div className="flex flex-col gap-1">
      <p className={`leading-5 ${runsOn === null ? 'font-medium text-bad' : ''}`}>
        {runsOn === null
          ? t('failover.duties.nowhere')
          : t(jobs === 0 ? 'failover.duties.no-jobs' : 'failover.duties.jobs', {
              name: nameOf(runsOn),
              count: jobs,
            })}
      </p>
      {state !== 'in-step' && (
        <Standing state={state} words={t(`failover.duties.${state}`)} detail={detail} />
      )}
      {channels.map(({ channel, runsOn: gatewayId, detail: channelDetail }) => (
        <p key={channel} className="wrap-anywhere">
          {gatewayId === null
            ? t('failover.duties.channel.nowhere', { channel })
            : t('failover.duties.channel', { channel, name: nameOf(gatewayId) })}
          {channelDetail !== '' && <span className="text-bad">: {channelDetail}</span>}
        </p>
      ))}
      {problems.map((problem) => (
        <p key={problem} className="wrap-anywhere text-bad">
          {problem}
        </p>
      ))}
      {interrupted.length > 0 && (
        <p className="wrap-anywhere text-bad">
          {t('failover.duties.interrupted', { names: interrupted.join(', ') })}
        </p>
      )}
      {onlyOnStandby.length > 0 && (
        <p className="wrap-anywhere text-ink-2">
          {t('failover.duties.only-standby', { names: onlyOnStandby.join(', ') })}
        </p>
      )}
    </div>
  );
}
