import type { ReactNode } from 'react';

import type { AppState, Bridge, HeldReplyView } from '../../../shared/index.ts';
import { useCall } from '../../app/use-call.ts';
import { domainName, t } from '../../app/words.ts';
import { ArmedButton, useArming } from '../../components/armed-button.tsx';
import type { Arming } from '../../components/armed-button.tsx';
import { InertText } from '../../components/inert-text.tsx';

type HeldState = Pick<AppState, 'domains' | 'trust'>;
type HeldBridge = Pick<Bridge<'shell'>['trust'], 'give'>;

/** Free text that came back: for the person to read, and for the agent only if the person gives it. */
export function Held(props: { readonly state: HeldState; readonly bridge: HeldBridge }): ReactNode {
  const { state, bridge } = props;
  const { held } = state.trust;
  const arming = useArming(held.map(({ digest }) => digest).join(' '));
  if (held.length === 0) return null;
  return (
    <section aria-labelledby="trust-held">
      <h3 id="trust-held" className="heading mb-2">
        {t('trust.held')}
      </h3>
      <ul className="flex flex-col gap-3">
        {held.map((reply) => (
          <HeldReply
            key={reply.handle}
            reply={reply}
            state={state}
            arming={arming}
            bridge={bridge}
          />
        ))}
      </ul>
    </section>
  );
}

function HeldReply(props: {
  readonly reply: HeldReplyView;
  readonly state: HeldState;
  readonly arming: Arming;
  readonly bridge: HeldBridge;
}): ReactNode {
  const { reply, state, arming, bridge } = props;
  const { busy, problem, run } = useCall();
  const from = domainName(state.domains, reply.from);
  const title = t('trust.held.from', { from });
  const { handle, digest } = reply;
  return (
    <li
      aria-label={title}
      className="flex flex-col gap-2.5 rounded-lg border border-line-strong bg-raise px-3 py-3 shadow-lift"
    >
      <h4 className="font-semibold">{title}</h4>
      <InertText label={t('trust.held.text')} text={reply.text} />
      <p className="text-xs leading-4 text-ink-2">{t('trust.held.warning', { domain: from })}</p>
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 text-xs leading-4 text-ink-2">{t('trust.held.leave')}</p>
        <ArmedButton
          arming={arming}
          busy={busy}
          label={t('trust.held.give')}
          className=""
          onPress={() => {
            run(bridge.give({ handle, digest }));
          }}
        />
      </div>
    </li>
  );
}
