import { useId, useState } from 'react';
import type { ReactNode } from 'react';

import type { AppState, AskView, Bridge, FindingView } from '../../../shared/index.ts';
import { formatExact, formatFull } from '../../app/times.ts';
import { useCall } from '../../app/use-call.ts';
import { domainName, t, toneOf } from '../../app/words.ts';
import { ArmedButton, useArming } from '../../components/armed-button.tsx';
import type { Arming } from '../../components/armed-button.tsx';
import { DomainChip } from '../../components/domain-chip.tsx';
import { InertText } from '../../components/inert-text.tsx';
import { Arrow } from './arrow.tsx';
import { GrantForm } from './grant-form.tsx';

type AskBridge = Pick<Bridge<'shell'>['trust'], 'approve' | 'decline' | 'grant'>;
type AskState = Pick<AppState, 'domains' | 'trust'>;

/** The calls of agents that wait for a person. Whenever one comes or goes, all of them begin their second anew. */
export function Asks(props: { readonly state: AskState; readonly bridge: AskBridge }): ReactNode {
  const { state, bridge } = props;
  const { asks } = state.trust;
  const arming = useArming(asks.map(({ digest }) => digest).join(' '));
  return (
    <section aria-labelledby="trust-asks">
      <h3 id="trust-asks" className="heading mb-2">
        {t('trust.asks')}
      </h3>
      <p role="status" className={asks.length === 0 ? 'text-ink-2' : 'sr-only'}>
        {asks.length === 0 ? t('trust.asks.none') : t('trust.asks.waiting', { count: asks.length })}
      </p>
      <ul className="flex flex-col gap-3">
        {asks.map((ask) => (
          <Ask key={ask.digest} ask={ask} state={state} arming={arming} bridge={bridge} />
        ))}
      </ul>
    </section>
  );
}

function Ask(props: {
  readonly ask: AskView;
  readonly state: AskState;
  readonly arming: Arming;
  readonly bridge: AskBridge;
}): ReactNode {
  const { ask, state, arming, bridge } = props;
  const { domains, trust } = state;
  const [granting, setGranting] = useState(false);
  const { busy, problem, run } = useCall();
  const fresh = useId();
  const names = { from: domainName(domains, ask.from), to: domainName(domains, ask.to) };
  const title = t(ask.action === 'ask_work' ? 'trust.ask.asks' : 'trust.ask.tells', names);
  const { digest } = ask;
  return (
    <li
      aria-label={title}
      className="flex flex-col gap-2.5 rounded-lg border border-line-strong bg-raise px-3 py-3 shadow-lift"
    >
      <div className="flex items-center gap-2">
        <DomainChip name={names.from} tone={toneOf(domains, ask.from)} />
        <Arrow broken={false} />
        <DomainChip name={names.to} tone={toneOf(domains, ask.to)} />
      </div>
      <div className="flex items-baseline gap-2">
        <h4 className="min-w-0 flex-1 font-semibold">{title}</h4>
        <time
          className="numeric shrink-0 text-xs text-ink-2"
          dateTime={new Date(ask.atMs).toISOString()}
          title={formatFull(ask.atMs)}
        >
          {t('trust.ask.since', { time: formatExact(ask.atMs) })}
        </time>
      </div>
      <p className="flex items-baseline gap-2 text-xs text-ink-2">
        <span className="min-w-0 flex-1">{t('trust.ask.leaves', { gateway: ask.gateway })}</span>
        <span className="numeric shrink-0">
          {t('trust.ask.bytes', { bytes: ask.bytes.toLocaleString(navigator.language) })}
        </span>
      </p>
      <InertText
        label={t('trust.ask.text')}
        text={ask.text}
        spans={ask.findings.flatMap(({ kind, span }) => (span === null ? [] : [{ ...span, kind }]))}
        titleOf={({ kind }) => t(`trust.finding.${kind}`)}
      />
      {ask.findings.length > 0 && <Findings findings={ask.findings} />}
      <div className="text-xs leading-4">
        <p className="text-ink-2">{t('trust.ask.purpose')}</p>
        <p className="selectable wrap-anywhere">{ask.purpose}</p>
      </div>
      <p className="selectable font-mono text-[11px] leading-4 text-ink-3 wrap-anywhere">
        {t('trust.ask.session', { session: ask.sessionKey, pin: ask.pin })}
      </p>
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
      <p id={fresh} className="sr-only">
        {arming.armed ? '' : t('trust.ask.fresh')}
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        {trust.widestGrant.calls > 0 && (
          <button
            type="button"
            aria-expanded={granting}
            className="button button-quiet mr-auto"
            onClick={() => {
              setGranting(!granting);
            }}
          >
            {t('trust.grant.open')}
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => {
            run(bridge.decline({ digest }));
          }}
        >
          {t('trust.ask.decline')}
        </button>
        <ArmedButton
          arming={arming}
          busy={busy}
          label={t('trust.ask.approve')}
          describedBy={fresh}
          onPress={() => {
            run(bridge.approve({ digest }));
          }}
        />
      </div>
      {granting && (
        <GrantForm
          ask={ask}
          widest={trust.widestGrant}
          arming={arming}
          bridge={bridge}
          onDone={() => {
            setGranting(false);
          }}
        />
      )}
    </li>
  );
}

function Findings(props: { readonly findings: readonly FindingView[] }): ReactNode {
  return (
    <div className="rounded-md bg-warn-soft px-2.5 py-2 text-xs leading-4">
      <p className="font-medium text-warn">{t('trust.ask.findings')}</p>
      <ul aria-label={t('trust.ask.findings')} className="mt-1 flex flex-col gap-0.5">
        {props.findings.map(({ kind, excerpt, span }, index) => (
          <li key={index} className="selectable wrap-anywhere">
            <span className="font-medium">{t(`trust.finding.${kind}`)}</span>
            {': '}
            {span === null ? t('trust.finding.decoded', { excerpt }) : excerpt}
          </li>
        ))}
      </ul>
    </div>
  );
}
