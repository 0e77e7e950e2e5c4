import { Ban } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import type { Bridge, Domain, TrustEdge, TrustView } from '../../../shared/index.ts';
import { useCall } from '../../app/use-call.ts';
import { domainName, t, toneOf } from '../../app/words.ts';
import { Confirm } from '../../components/confirm.tsx';
import { DomainChip } from '../../components/domain-chip.tsx';
import { Switch } from '../../components/switch.tsx';
import { Arrow } from './arrow.tsx';

/** Each way that trust can lead, drawn, with a switch that cuts it at once; and the way that it never leads. */
export function Directions(props: {
  readonly domains: readonly Domain[];
  readonly trust: Pick<TrustView, 'edges' | 'possible' | 'obstacle' | 'epoch'>;
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'allow' | 'revoke'>;
}): ReactNode {
  const { domains, trust, bridge } = props;
  const { problem, run } = useCall();
  const on = new Set(trust.edges.map(keyOf));
  const edges = [...trust.edges, ...trust.possible].toSorted((a, b) =>
    keyOf(a).localeCompare(keyOf(b)),
  );
  return (
    <div className="flex flex-col gap-2">
      {trust.obstacle !== null && (
        <p role="alert" className="rounded-lg border border-line bg-bad-soft px-3 py-2 text-bad">
          {trust.obstacle}
        </p>
      )}
      {edges.length === 0 && (
        <p className="rounded-lg border border-line bg-raise px-3 py-2.5">
          {t('trust.direction.none')}
        </p>
      )}
      {edges.map((edge) => (
        <Direction
          key={keyOf(edge)}
          domains={domains}
          edge={edge}
          on={on.has(keyOf(edge))}
          obstacle={trust.obstacle}
          bridge={bridge}
        />
      ))}
      <div className="flex flex-wrap items-center justify-end gap-x-2 gap-y-1.5 rounded-lg border border-line bg-raise px-3 py-2">
        <p className="w-full text-xs leading-4 text-ink-2">
          {t('trust.cut.detail')}{' '}
          <span className="numeric">{t('trust.cut.count', { epoch: trust.epoch })}.</span>
        </p>
        <kbd className="keycap">{t('trust.cut.keys', { modifier: modifierKey() })}</kbd>
        <button
          type="button"
          className="button text-bad"
          onClick={() => {
            run(bridge.revoke({ edge: null }));
          }}
        >
          {t('command.trust.cut')}
        </button>
      </div>
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
    </div>
  );
}

function Direction(props: {
  readonly domains: readonly Domain[];
  readonly edge: TrustEdge;
  readonly on: boolean;
  readonly obstacle: string | null;
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'allow' | 'revoke'>;
}): ReactNode {
  const { domains, edge, on, obstacle, bridge } = props;
  const [asking, setAsking] = useState(false);
  const { busy, problem, run } = useCall();
  const about = useId();
  const card = useRef<HTMLDivElement>(null);
  const names = { from: domainName(domains, edge.from), to: domainName(domains, edge.to) };

  function close(): void {
    setAsking(false);
    card.current?.querySelector<HTMLElement>('[role=switch]')?.focus();
  }

  function change(next: boolean): void {
    if (next) setAsking(true);
    else {
      setAsking(false);
      run(bridge.revoke({ edge }));
    }
  }

  return (
    <div
      ref={card}
      className="flex flex-col gap-3 rounded-lg border border-line bg-raise px-3 py-3"
    >
      <div className="flex items-center gap-2">
        <DomainChip name={names.from} tone={toneOf(domains, edge.from)} />
        <Arrow broken={!on} />
        <DomainChip name={names.to} tone={toneOf(domains, edge.to)} />
        <Switch
          name={t('trust.switch', names)}
          on={on}
          blocked={!on && obstacle !== null}
          describedBy={about}
          onChange={change}
        />
      </div>
      <p id={about}>
        {t(on ? 'trust.allowed' : 'trust.off', names)}
        {!on && obstacle !== null && ` ${obstacle}`}
      </p>
      {asking && !on && (
        <Confirm
          label={t('trust.allow.action', names)}
          detail={t('trust.allow.confirm', names)}
          action={t('trust.allow.action', names)}
          busy={busy}
          onCancel={close}
          onConfirm={() => {
            run(bridge.allow({ from: edge.from, to: edge.to }), close);
          }}
        />
      )}
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
      <p className="flex items-center gap-2 border-t border-line pt-3 text-ink-2">
        <Ban aria-hidden className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
        {t('trust.never', { from: names.to, to: names.from })}
      </p>
    </div>
  );
}

function keyOf({ from, to }: TrustEdge): string {
  return `${from} ${to}`;
}

function modifierKey(): string {
  return navigator.userAgent.includes('Macintosh') ? '⌘' : 'Ctrl';
}
