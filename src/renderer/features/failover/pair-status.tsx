import { Hourglass, PauseCircle, Shield, ShieldAlert, ShieldOff } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Bridge, Domain, PairView } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { domainName, t, toneOf } from '../../app/words.ts';
import { DomainChip } from '../../components/domain-chip.tsx';
import { LeaseBar } from './lease-bar.tsx';

const covers: Readonly<
  Record<PairView['cover'], { readonly icon: LucideIcon; readonly style: string }>
> = {
  protected: { icon: Shield, style: 'text-good' },
  exposed: { icon: ShieldAlert, style: 'text-warn' },
  unguarded: { icon: ShieldOff, style: 'text-bad' },
};

/** Who is active, by what right, and whether the other could take over; above it what holds or changes the pair now. */
export function PairStatus(props: {
  readonly pair: PairView;
  readonly domains: readonly Domain[];
  readonly nameOf: (gatewayId: string) => string;
  readonly bridge: Bridge<'shell'>['pairs'];
}): ReactNode {
  const { pair, domains, nameOf, bridge } = props;
  const { icon: Cover, style } = covers[pair.cover];
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-raise">
      <div className="flex items-center gap-2 border-b border-line px-3 py-2.5">
        <h3 className="truncate text-sm font-semibold">{pair.name}</h3>
        <DomainChip name={domainName(domains, pair.domain)} tone={toneOf(domains, pair.domain)} />
      </div>
      {pair.hold && (
        <div className="flex items-start gap-2.5 border-b border-line bg-warn-soft px-3 py-2.5">
          <PauseCircle
            aria-hidden
            className="mt-0.5 size-4 shrink-0 text-warn"
            strokeWidth={1.75}
          />
          <div className="min-w-0 flex-1">
            <p className="font-medium">{t('failover.hold.title')}</p>
            <p className="text-xs text-ink-2">{t('failover.hold.detail')}</p>
          </div>
          <button
            type="button"
            className="button"
            onClick={() => {
              act(bridge.command({ pairId: pair.id, command: 'unhold' }));
            }}
          >
            {t('failover.hold.end')}
          </button>
        </div>
      )}
      <p aria-live="polite" className={pair.busy === null ? 'sr-only' : busyStyle}>
        {pair.busy !== null && (
          <>
            <Hourglass
              aria-hidden
              className="size-4 shrink-0 animate-breathe text-focus"
              strokeWidth={1.75}
            />
            <span>
              <span className="font-medium">{t('failover.busy')}:</span> {pair.busy}
            </span>
          </>
        )}
      </p>
      <dl className="grid grid-cols-[1fr_auto] @xl:grid-cols-[1fr_auto_1fr]">
        <div className="min-w-0 px-3 py-2.5">
          <dt className="text-xs text-ink-2">{t('failover.active')}</dt>
          <ActiveName pair={pair} nameOf={nameOf} />
        </div>
        <div className="border-l border-line px-3 py-2.5" title={t('failover.epoch.detail')}>
          <dt className="text-xs text-ink-2">{t('failover.epoch')}</dt>
          <dd className="numeric text-[15px] leading-6 font-semibold">
            {pair.epoch === 0 ? '–' : pair.epoch}
          </dd>
        </div>
        <div className="col-span-2 border-t border-line px-3 py-2.5 @xl:col-span-1 @xl:border-t-0 @xl:border-l">
          <dt className="text-xs text-ink-2">{t('failover.lease')}</dt>
          <dd>
            <LeaseBar lease={pair.lease} />
          </dd>
        </div>
        <div className="col-span-full border-t border-line px-3 py-2.5">
          <dt className="sr-only">{t('failover.cover')}</dt>
          <dd className={`flex items-center gap-2 font-medium ${style}`}>
            <Cover aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
            {t(`failover.cover.${pair.cover}`)}
          </dd>
          {pair.coverReason !== '' && (
            <dd className="pl-6 text-xs text-ink-2 wrap-anywhere">{pair.coverReason}</dd>
          )}
          {(pair.cover !== 'protected' || pair.coverReason === '') && (
            <dd className="pl-6 text-xs text-ink-2">{t(`failover.cover.${pair.cover}.next`)}</dd>
          )}
        </div>
      </dl>
    </div>
  );
}

const busyStyle = 'flex items-center gap-2.5 border-b border-line bg-info-soft px-3 py-2.5';

function ActiveName(props: {
  readonly pair: PairView;
  readonly nameOf: (gatewayId: string) => string;
}): ReactNode {
  const { pair, nameOf } = props;
  const name = nameOf(pair.activeId);
  const role = t(pair.activeId === pair.primaryId ? 'failover.primary' : 'failover.standby');
  const [word, detail] = isIdle(pair)
    ? [t('failover.active.nobody'), t('failover.active.last', { name })]
    : [name, pair.epoch === 0 ? t('failover.active.unknown') : role];
  return (
    <>
      <dd className="truncate text-[15px] leading-6 font-semibold">{word}</dd>
      <dd className="text-xs text-ink-2">{detail}</dd>
    </>
  );
}

/** Whether it is certain that nobody acts: every member was heard, and none of them does. */
function isIdle({ nodes, cover }: PairView): boolean {
  const acting = ['active', 'draining', 'taking'];
  return (
    cover !== 'unguarded' &&
    nodes.length > 0 &&
    nodes.every(({ role }) => role !== null && !acting.includes(role))
  );
}
