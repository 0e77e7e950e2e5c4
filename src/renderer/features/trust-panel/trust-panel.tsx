import type { ReactNode } from 'react';

import type { AppState, Bridge } from '../../../shared/index.ts';
import { t } from '../../app/words.ts';
import { AgentTools } from './agent-tools.tsx';
import { Asks } from './asks.tsx';
import { Boundary } from './boundary.tsx';
import { CrossingLog } from './crossing-log.tsx';
import { Directions } from './direction.tsx';
import { Disconnects } from './disconnect.tsx';
import { Grants } from './grants.tsx';
import { Held } from './held.tsx';
import { LogState } from './log-state.tsx';
import { Pauses } from './pauses.tsx';

/** Which way trust flows, what was stopped, and every decision about it. */
export function TrustPanel(props: {
  readonly state: Pick<AppState, 'domains' | 'gateways' | 'trust'>;
  readonly bridge: Bridge<'shell'>['trust'];
}): ReactNode {
  const { state, bridge } = props;
  const dropped = Object.entries(state.trust.dropped).filter(([, count]) => count > 0);
  return (
    <div className="flex flex-col gap-6">
      <Asks state={state} bridge={bridge} />
      <Held state={state} bridge={bridge} />
      <section aria-labelledby="trust-direction">
        <h3 id="trust-direction" className="heading mb-2">
          {t('trust.direction')}
        </h3>
        <div className="flex flex-col gap-2">
          <Pauses domains={state.domains} trust={state.trust} bridge={bridge} />
          <Directions domains={state.domains} trust={state.trust} bridge={bridge} />
          <Disconnects state={state} bridge={bridge} />
        </div>
      </section>
      <Grants state={state} bridge={bridge} />
      <section aria-labelledby="trust-tools">
        <h3 id="trust-tools" className="heading mb-2">
          {t('trust.tools')}
        </h3>
        <AgentTools state={state} tools={state.trust.tools} bridge={bridge} />
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
      <CrossingLog state={state} bridge={bridge} />
      <LogState audit={state.trust.audit} bridge={bridge} />
      <Boundary gateways={state.gateways} boundary={state.trust.boundary} />
    </div>
  );
}
