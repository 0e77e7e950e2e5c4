import type { ReactNode } from 'react';

import type { DnsView, MirrorView, PairView } from '../../../shared/index.ts';
import { formatAge } from '../../app/times.ts';
import { t } from '../../app/words.ts';

/** What the pair rests on: the register, the name that follows it, how fast it is, and whether the role goes back. */
export function Arrangement(props: { readonly pair: PairView; readonly nowMs: number }): ReactNode {
  const { pair, nowMs } = props;
  const { register } = pair;
  return (
    <dl className="divide-y divide-line rounded-lg border border-line bg-raise text-xs leading-4">
      <Row term={t('failover.register')}>
        <p className="text-[13px] leading-5 wrap-anywhere">
          {t(`failover.register.${register.kind}`)}
          {register.address !== '' && (
            <span className="selectable text-ink-2"> {register.address}</span>
          )}
        </p>
        <Standing
          ok={register.ok}
          words={t(register.ok ? 'failover.register.ok' : 'failover.register.bad')}
          detail={register.ok ? '' : register.detail}
        />
      </Row>
      <Row term={t('failover.dns')}>
        {pair.dns.length === 0 ? (
          <p className="leading-5 text-ink-2">
            {t(register.kind === 'lock' ? 'failover.dns.none.local' : 'failover.dns.none')}
          </p>
        ) : (
          <ul className="flex flex-col gap-2.5">
            {pair.dns.map((dns) => (
              <DnsRecord key={`${dns.provider} ${dns.name}`} dns={dns} nowMs={nowMs} />
            ))}
          </ul>
        )}
      </Row>
      <Row term={t('failover.mirror')}>
        {pair.mirror === null ? (
          <p className="leading-5 text-ink-2">
            {t(register.kind === 'lock' ? 'failover.mirror.none.local' : 'failover.mirror.none')}
          </p>
        ) : (
          <Copy mirror={pair.mirror} />
        )}
      </Row>
      {pair.preempt !== '' && (
        <Row term={t('failover.preempt')}>
          <p className="leading-5">{pair.preempt}</p>
        </Row>
      )}
      <Row term={t('failover.profile')}>
        <p className="leading-5">{t(`failover.profile.${pair.profile}`)}</p>
      </Row>
    </dl>
  );
}

/** How the standby's copy of the conversations stands. */
function Copy({ mirror }: { readonly mirror: MirrorView }): ReactNode {
  const { state, rows, behindMs, conflicts } = mirror;
  const isBad = state === 'away';
  const facts = [
    ...(rows === 0 ? [] : [t('failover.mirror.rows', { rows })]),
    ...(behindMs === null || behindMs < 1_000
      ? []
      : [t('failover.mirror.behind', { seconds: Math.round(behindMs / 1_000) })]),
  ];
  return (
    <>
      <p className={`leading-5 ${isBad ? 'font-medium text-bad' : ''}`}>
        {t(`failover.mirror.${state}`)}
        {isBad && mirror.detail !== '' && (
          <span className="font-normal text-ink-2">: {mirror.detail}</span>
        )}
      </p>
      {state !== 'in-step' && facts.length > 0 && (
        <p className="numeric text-ink-2">{facts.join(' · ')}</p>
      )}
      {conflicts.length > 0 && (
        <p className="wrap-anywhere text-bad">
          {t('failover.mirror.conflicts', { keys: conflicts.join(', ') })}
        </p>
      )}
    </>
  );
}

function Row(props: { readonly term: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="grid grid-cols-[88px_1fr] gap-2 px-3 py-2">
      <dt className="leading-5 text-ink-2">{props.term}</dt>
      <dd className="min-w-0">{props.children}</dd>
    </div>
  );
}

function DnsRecord(props: { readonly dns: DnsView; readonly nowMs: number }): ReactNode {
  const { dns, nowMs } = props;
  const facts = [
    t(`failover.dns.provider.${dns.provider}`),
    ...(dns.ttlSeconds === null ? [] : [t('failover.dns.ttl', { seconds: dns.ttlSeconds })]),
    dns.checkedAtMs === null ? t('failover.dns.unchecked') : formatAge(dns.checkedAtMs, nowMs),
  ];
  return (
    <li>
      <p className="selectable text-[13px] leading-5 wrap-anywhere">
        {dns.name} <span aria-hidden>→</span>{' '}
        <span className="numeric font-medium">{dns.address ?? t('failover.dns.unknown')}</span>
      </p>
      <p className="text-ink-2">{facts.join(' · ')}</p>
      <Standing
        ok={dns.ok}
        words={t(dns.ok ? 'failover.dns.ok' : 'failover.dns.bad')}
        detail={dns.ok ? '' : dns.detail}
      />
    </li>
  );
}

function Standing(props: {
  readonly ok: boolean;
  readonly words: string;
  readonly detail: string;
}): ReactNode {
  const { ok, words, detail } = props;
  return (
    <p className="wrap-anywhere">
      <span className={`font-medium ${ok ? 'text-good' : 'text-bad'}`}>{words}</span>
      {detail !== '' && <span className="text-ink-2">: {detail}</span>}
    </p>
  );
}
