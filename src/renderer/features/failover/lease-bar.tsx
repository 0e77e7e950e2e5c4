import { LockKeyhole } from 'lucide-react';
import type { ReactNode } from 'react';

import type { PairView } from '../../../shared/index.ts';
import { formatSeconds } from '../../app/times.ts';
import { t } from '../../app/words.ts';

/** By what right the active gateway acts: a lock of its own process, or a lease and what is left of it. */
export function LeaseBar(props: { readonly lease: PairView['lease'] }): ReactNode {
  const { lease } = props;
  if (lease.kind === 'held') {
    return (
      <span className="flex items-center gap-1.5 leading-6" title={t('failover.lease.held.detail')}>
        <LockKeyhole aria-hidden className="size-3.5 shrink-0 text-ink-3" strokeWidth={1.75} />
        {t('failover.lease.held')}
      </span>
    );
  }
  const { leaseMs, remainingMs } = lease;
  const share = remainingMs === null ? 0 : Math.min(1, Math.max(0, remainingMs / leaseMs));
  const words =
    remainingMs === null
      ? t('failover.lease.none')
      : t('failover.lease.remaining', {
          remaining: formatSeconds(Math.max(0, remainingMs)),
          lease: formatSeconds(leaseMs),
        });
  return (
    <span className="block" title={t('failover.lease.detail')}>
      <span className="numeric block leading-6">{words}</span>
      <span
        role="meter"
        aria-label={t('failover.lease')}
        aria-valuemin={0}
        aria-valuemax={leaseMs}
        aria-valuenow={Math.round(share * leaseMs)}
        aria-valuetext={words}
        className="mt-0.5 block h-1 overflow-hidden rounded-full bg-press"
      >
        <span
          className="block h-full origin-left rounded-full bg-tone transition-transform duration-1000 ease-linear"
          style={{ transform: `scaleX(${share})` }}
        />
      </span>
    </span>
  );
}
