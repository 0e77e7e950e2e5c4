import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import { describeState, metrics } from '../../../shared/index.ts';
import type { Bridge, GatewayView, NextStep } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { useNow } from '../../app/use-now.ts';
import { t } from '../../app/words.ts';

type Gateways = Bridge<'shell'>['gateways'];

/** Why a gateway is not ready, and the one thing a person can do about it. */
export function ConnectionRow(props: {
  readonly gateway: GatewayView;
  readonly bridge: Gateways;
}): ReactNode {
  const { gateway, bridge } = props;
  const { state } = gateway;
  const nowMs = useNow(state.phase === 'offline' && state.retryAtMs !== null);
  const { detail, next } = describeState(t, state, nowMs);
  const bad = state.phase === 'offline' || state.phase === 'refused';
  return (
    <div
      data-attention="connection"
      className={`flex shrink-0 items-center gap-2 border-b border-line pr-2 pl-4 text-xs leading-4 ${bad ? 'bg-bad-soft' : 'bg-warn-soft'}`}
      style={{ height: metrics.attentionRow }}
    >
      <TriangleAlert
        aria-hidden
        className={`size-4 shrink-0 ${bad ? 'text-bad' : 'text-warn'}`}
        strokeWidth={1.75}
      />
      <span className="selectable line-clamp-2 min-w-0 flex-1 wrap-anywhere" title={detail}>
        {detail}
      </span>
      {next !== 'none' && (
        <button
          type="button"
          className="button"
          onClick={() => {
            act(step(bridge, next, gateway.id));
          }}
        >
          {t(`action.${next}`)}
        </button>
      )}
    </div>
  );
}

function step(
  bridge: Gateways,
  next: Exclude<NextStep, 'none'>,
  gatewayId: string,
): ReturnType<Gateways['start']> {
  if (next === 'enter-token') return bridge.askToken({ gatewayId });
  return next === 'start' ? bridge.start({ gatewayId }) : bridge.reconnect({ gatewayId });
}
