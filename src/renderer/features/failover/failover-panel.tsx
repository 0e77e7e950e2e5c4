import { ArrowLeftRight, Link2, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';

import type { AppState, Bridge } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { t } from '../../app/words.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { PairCard } from './pair-card.tsx';
import { openSetup, setupStore } from './setup/setup-store.ts';
import { SetupWizard } from './setup/setup-wizard.tsx';
import { SingleDone } from './setup/single-again.tsx';

/** Every pair: who is active, how well it is covered, the last checks, what happened, and what can be done. */
export function FailoverPanel(props: {
  readonly state: Pick<AppState, 'pairs' | 'gateways' | 'domains' | 'backups'>;
  readonly bridge: Pick<Bridge<'shell'>, 'pairs' | 'gateways' | 'panel'>;
}): ReactNode {
  const { state, bridge } = props;
  const { isOpen, isBegun } = useStore(setupStore);
  if (isOpen) return <SetupWizard bridge={bridge.pairs} backups={state.backups} />;
  const openJoin = (): void => {
    act(bridge.panel.open({ panel: 'join' }));
  };
  const words = isBegun ? 'failover.set-up.continue' : 'failover.set-up';
  if (state.pairs.length === 0) {
    return (
      <>
        <SingleDone />
        <EmptyState
          icon={ArrowLeftRight}
          title={t('failover.none.title')}
          detail={t('failover.none.detail')}
        >
          <div className="flex flex-wrap justify-center gap-2">
            <button type="button" className="button button-primary h-8 px-3" onClick={openSetup}>
              {t(words)}
            </button>
            <button type="button" className="button h-8 px-3" onClick={openJoin}>
              {t('take.open')}
            </button>
          </div>
        </EmptyState>
      </>
    );
  }
  return (
    <div className="@container flex flex-col gap-8">
      <SingleDone />
      {state.pairs.map((pair) => (
        <PairCard
          key={pair.id}
          pair={pair}
          gateways={state.gateways}
          domains={state.domains}
          bridge={bridge}
        />
      ))}
      <div className="flex flex-wrap gap-2">
        <button type="button" className="button button-quiet" onClick={openSetup}>
          <Plus aria-hidden className="size-3.5" strokeWidth={2} />
          {t(isBegun ? 'failover.set-up.continue' : 'failover.set-up-another')}
        </button>
        <button type="button" className="button button-quiet" onClick={openJoin}>
          <Link2 aria-hidden className="size-3.5" strokeWidth={2} />
          {t('take.open')}
        </button>
      </div>
    </div>
  );
}
