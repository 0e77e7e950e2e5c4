import type { ReactNode } from 'react';

import type { Bridge, Domain, GatewayView, PairView } from '../../../shared/index.ts';
import { t, toneOf } from '../../app/words.ts';
import { useNow } from '../../app/use-now.ts';
import { Arrangement } from './arrangement.tsx';
import { MemberCard } from './member-card.tsx';
import { PairActions } from './pair-actions.tsx';
import { PairStatus } from './pair-status.tsx';
import { Timeline } from './timeline.tsx';

/** One pair. */
export function PairCard(props: {
  readonly pair: PairView;
  readonly gateways: readonly GatewayView[];
  readonly domains: readonly Domain[];
  readonly bridge: Pick<Bridge<'shell'>, 'pairs' | 'gateways'>;
}): ReactNode {
  const { pair, gateways, domains, bridge } = props;
  const nowMs = useNow(true);
  const nameOf = (gatewayId: string): string =>
    gateways.find((gateway) => gateway.id === gatewayId)?.name ?? gatewayId;
  return (
    <section
      aria-label={pair.name}
      data-tone={toneOf(domains, pair.domain)}
      className="flex flex-col gap-5"
    >
      <PairStatus pair={pair} domains={domains} nameOf={nameOf} bridge={bridge.pairs} />
      <PairActions pair={pair} nameOf={nameOf} bridge={bridge.pairs} />
      <div>
        <h4 className="heading mb-2">{t('failover.members')}</h4>
        <div className="grid gap-3 @xl:grid-cols-2">
          {[pair.primaryId, pair.standbyId].map((gatewayId) => (
            <MemberCard
              key={gatewayId}
              pair={pair}
              gatewayId={gatewayId}
              name={nameOf(gatewayId)}
              gateway={gateways.find((gateway) => gateway.id === gatewayId)}
              bridge={bridge.gateways}
              nowMs={nowMs}
            />
          ))}
        </div>
      </div>
      <Arrangement pair={pair} nameOf={nameOf} nowMs={nowMs} bridge={bridge.pairs} />
      <Timeline events={pair.timeline} nameOf={nameOf} />
    </section>
  );
}
