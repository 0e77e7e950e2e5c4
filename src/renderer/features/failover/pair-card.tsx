import { Shield, ShieldAlert, ShieldOff } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Domain, GatewayView, PairView } from '../../../shared/index.ts';
import { domainName, t, toneOf } from '../../app/words.ts';
import { DomainChip } from '../../components/domain-chip.tsx';
import { MemberChecks } from './member-checks.tsx';
import { Timeline } from './timeline.tsx';

const covers: Readonly<
  Record<PairView['cover'], { readonly icon: LucideIcon; readonly style: string }>
> = {
  protected: { icon: Shield, style: 'text-good' },
  exposed: { icon: ShieldAlert, style: 'text-warn' },
  unguarded: { icon: ShieldOff, style: 'text-bad' },
};

/** One pair. */
export function PairCard(props: {
  readonly pair: PairView;
  readonly gateways: readonly GatewayView[];
  readonly domains: readonly Domain[];
}): ReactNode {
  const { pair, gateways, domains } = props;
  const nameOf = (gatewayId: string): string =>
    gateways.find((gateway) => gateway.id === gatewayId)?.name ?? gatewayId;
  const roleOf = (gatewayId: string): string =>
    t(gatewayId === pair.primaryId ? 'failover.primary' : 'failover.standby');
  const { icon: Cover, style } = covers[pair.cover];
  return (
    <section
      aria-label={pair.name}
      data-tone={toneOf(domains, pair.domain)}
      className="flex flex-col gap-4"
    >
      <div className="overflow-hidden rounded-lg border border-line bg-raise">
        <div className="flex items-center gap-2 border-b border-line px-3 py-2.5">
          <h3 className="text-sm font-semibold">{pair.name}</h3>
          <DomainChip name={domainName(domains, pair.domain)} tone={toneOf(domains, pair.domain)} />
        </div>
        <dl className="grid grid-cols-2">
          <div className="px-3 py-2.5">
            <dt className="text-xs text-ink-2">{t('failover.active')}</dt>
            <dd className="truncate text-[15px] leading-6 font-semibold">
              {nameOf(pair.activeId)}
            </dd>
            <dd className="text-xs text-ink-2">{roleOf(pair.activeId)}</dd>
          </div>
          <div className="border-l border-line px-3 py-2.5" title={t('failover.epoch.detail')}>
            <dt className="text-xs text-ink-2">{t('failover.epoch')}</dt>
            <dd className="numeric text-[15px] leading-6 font-semibold">{pair.epoch}</dd>
          </div>
          <div className="col-span-2 border-t border-line px-3 py-2.5">
            <dt className="sr-only">{t('failover.cover')}</dt>
            <dd className={`flex items-center gap-2 font-medium ${style}`}>
              <Cover aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
              {t(`failover.cover.${pair.cover}`)}
            </dd>
            {pair.coverReason !== '' && (
              <dd className="pl-6 text-xs text-ink-2 wrap-anywhere">{pair.coverReason}</dd>
            )}
          </div>
        </dl>
      </div>
      <MemberChecks pair={pair} nameOf={nameOf} roleOf={roleOf} />
      <Timeline events={pair.timeline} nameOf={nameOf} />
    </section>
  );
}
