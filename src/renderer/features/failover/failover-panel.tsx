import { ArrowLeftRight } from 'lucide-react';
import type { ReactNode } from 'react';

import type { AppState } from '../../../shared/index.ts';
import { t } from '../../app/words.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { PairCard } from './pair-card.tsx';

/** Every pair: who is active, how well it is covered, the last checks, and what happened. */
export function FailoverPanel(props: {
  readonly state: Pick<AppState, 'pairs' | 'gateways' | 'domains'>;
}): ReactNode {
  const { state } = props;
  if (state.pairs.length === 0) {
    return (
      <EmptyState
        icon={ArrowLeftRight}
        title={t('failover.none.title')}
        detail={t('failover.none.detail')}
      />
    );
  }
  return (
    <div className="flex flex-col gap-6">
      {state.pairs.map((pair) => (
        <PairCard key={pair.id} pair={pair} gateways={state.gateways} domains={state.domains} />
      ))}
    </div>
  );
}
