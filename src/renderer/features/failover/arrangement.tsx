import type { ReactNode } from 'react';

import type { Bridge, DnsView, PairView } from '../../../shared/index.ts';
import { formatAge } from '../../app/times.ts';
import { t } from '../../app/words.ts';
import { FilesCopy, TalkCopy } from './copies.tsx';
import { Duties } from './duties.tsx';
import { FilesChoice } from './files-choice.tsx';

/** What the pair rests on: the register, the name that follows it, how fast it is, and whether the role goes back. */
export function Arrangement(props: {
  readonly pair: PairView;
  readonly nameOf: (gatewayId: string) => string;
  readonly nowMs: number;
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'files' | 'chooseFiles'>;
}): ReactNode {
  const { pair, nameOf, nowMs, bridge } = props;
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
          <p className="leading-5 text-ink-2">{noneWords(pair)}</p>
        ) : (
          <TalkCopy mirror={pair.mirror} />
        )}
        <SecondBest pair={pair} nameOf={nameOf} />
      </Row>
      <Row term={t('failover.files')}>
        {pair.workspace === null ? (
          <p className="leading-5 text-ink-2">
            {pair.mirror === null ? noneWords(pair) : t('failover.files.none')}
          </p>
        ) : (
          <FilesCopy workspace={pair.workspace} nameOf={nameOf} />
        )}
        <FilesChoice pairId={pair.id} bridge={bridge} />
      </Row>
      <Row term={t('failover.duties')}>
        {pair.duties === null ? (
          <p className="leading-5 text-ink-2">{noneWords(pair)}</p>
        ) : (
          <Duties duties={pair.duties} nameOf={nameOf} />
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

/** Says what stands in for a copy where a gateway is known to be without our plugin. */
function SecondBest(props: {
  readonly pair: PairView;
  readonly nameOf: (gatewayId: string) => string;
}): ReactNode {
  const { pair, nameOf } = props;
  const bare = pair.nodes.filter(({ fence }) => fence === 'drain' || fence === 'none');
  if (bare.length === 0 || pair.mirror?.state === 'in-step') return null;
  const name = bare.map(({ gatewayId }) => nameOf(gatewayId)).join(', ');
  return <p className="text-ink-2">{t('failover.mirror.second-best', { name })}</p>;
}

/** What stands where nobody here copies: the guardian of the other computer does while its gateway is active. */
function noneWords({ cover, nodes }: PairView): string {
  const isElsewhere =
    cover !== 'unguarded' &&
    nodes.some(({ local, role }) => !local && (role === 'active' || role === 'draining'));
  return t(isElsewhere ? 'failover.mirror.none' : 'failover.mirror.none.local');
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
