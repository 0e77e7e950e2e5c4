import { useRef, useState } from 'react';
import type { ReactNode } from 'react';

import type { AppState, Bridge, Domain } from '../../../shared/index.ts';
import { useCall } from '../../app/use-call.ts';
import { domainName, t } from '../../app/words.ts';
import { Confirm } from '../../components/confirm.tsx';

/** One row for each domain that trust could lead to: forget it altogether, after a question. */
export function Disconnects(props: {
  readonly state: Pick<AppState, 'domains' | 'gateways' | 'trust'>;
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'disconnect'>;
}): ReactNode {
  const { domains, gateways, trust } = props.state;
  const to = new Set([...trust.edges, ...trust.possible].map((edge) => edge.to));
  const gone = gateways.filter(({ id }) => trust.disconnected.includes(id));
  return (
    <>
      {domains
        .filter(({ id }) => to.has(id))
        .map((domain) => (
          <Disconnect
            key={domain.id}
            domain={domain}
            names={gateways.filter((one) => one.domain === domain.id).map(({ name }) => name)}
            bridge={props.bridge}
          />
        ))}
      {gone.map((gateway) => (
        <p key={gateway.id} className="rounded-lg border border-line bg-raise px-3 py-2 text-ink-2">
          <span className="font-medium text-ink">
            {gateway.name}, {domainName(domains, gateway.domain)}:
          </span>{' '}
          {t('trust.disconnected')}
        </p>
      ))}
    </>
  );
}

function Disconnect(props: {
  readonly domain: Domain;
  readonly names: readonly string[];
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'disconnect'>;
}): ReactNode {
  const { domain, names, bridge } = props;
  const [asking, setAsking] = useState(false);
  const [words, setWords] = useState<string | null>(null);
  const { busy, problem, run } = useCall();
  const trigger = useRef<HTMLButtonElement>(null);
  const action = t('trust.disconnect.action', { domain: domain.name });

  function close(): void {
    setAsking(false);
    trigger.current?.focus();
  }

  return (
    <div className="flex flex-col gap-2 rounded-lg border border-line bg-raise px-3 py-2">
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 text-xs leading-4 text-ink-2">
          {t('trust.disconnect.short', { domain: domain.name })}
        </p>
        <button
          ref={trigger}
          type="button"
          aria-expanded={asking}
          className="button text-bad"
          onClick={() => {
            setAsking(true);
          }}
        >
          {action}
        </button>
      </div>
      {asking && (
        <Confirm
          label={action}
          detail={t('trust.disconnect.detail', { gateways: names.join(', ') })}
          action={action}
          danger
          busy={busy}
          onCancel={close}
          onConfirm={() => {
            setWords(null);
            run(bridge.disconnect({ domain: domain.id }), (answer) => {
              setWords(answer.words);
            });
            close();
          }}
        />
      )}
      <p
        role="status"
        className={busy || words !== null ? 'selectable text-xs leading-4' : 'sr-only'}
      >
        {busy ? t('trust.disconnect.running', { domain: domain.name }) : words}
      </p>
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
    </div>
  );
}
