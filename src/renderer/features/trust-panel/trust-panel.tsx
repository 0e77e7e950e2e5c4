import { RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';

import type { AppState, Bridge } from '../../../shared/index.ts';
import { useReply } from '../../app/use-reply.ts';
import { t } from '../../app/words.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { Crossings } from './crossings.tsx';
import { Direction } from './direction.tsx';

/** Which way trust flows, what was stopped, and every decision about it. */
export function TrustPanel(props: {
  readonly state: Pick<AppState, 'domains' | 'gateways' | 'trust'>;
  readonly bridge: Bridge<'shell'>['trust'];
}): ReactNode {
  const { state, bridge } = props;
  const { reply, refresh } = useReply(bridge.recent);
  const dropped = Object.entries(state.trust.dropped).filter(([, count]) => count > 0);
  return (
    <div className="flex flex-col gap-6">
      <section aria-labelledby="trust-direction">
        <h3 id="trust-direction" className="heading mb-2">
          {t('trust.direction')}
        </h3>
        <Direction domains={state.domains} on={state.trust.edges.length > 0} />
      </section>
      <section aria-labelledby="trust-dropped">
        <h3 id="trust-dropped" className="heading mb-2">
          {t('trust.dropped')}
        </h3>
        <div className="rounded-lg border border-line bg-raise px-3 py-2.5">
          {dropped.length === 0 ? (
            <p>{t('trust.dropped.none')}</p>
          ) : (
            <>
              <p className="mb-2 text-xs text-ink-2">{t('trust.dropped.detail')}</p>
              <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1">
                {dropped.map(([gatewayId, count]) => (
                  <div key={gatewayId} className="contents">
                    <dt>
                      {state.gateways.find((gateway) => gateway.id === gatewayId)?.name ??
                        gatewayId}
                    </dt>
                    <dd className="numeric text-right font-medium">
                      {count.toLocaleString(navigator.language)}
                    </dd>
                  </div>
                ))}
              </dl>
            </>
          )}
        </div>
      </section>
      <section aria-labelledby="trust-crossings">
        <div className="mb-1 flex h-7 items-center justify-between">
          <h3 id="trust-crossings" className="heading">
            {t('trust.crossings')}
          </h3>
          <IconButton icon={RefreshCw} name={t('trust.refresh')} onPress={refresh} />
        </div>
        {reply?.ok === false && (
          <p role="alert" className="mb-2 text-bad">
            {t('trust.unread', { message: reply.error.message })}
          </p>
        )}
        <Crossings decisions={reply?.ok === true ? reply.value : []} names={state} />
      </section>
    </div>
  );
}
