import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

import type { Domain, SendConfirmation } from '../../../shared/index.ts';
import { domainName, t } from '../../app/words.ts';
import { ArmedButton, useArming } from '../../components/armed-button.tsx';
import { InertText } from '../../components/inert-text.tsx';

/** In place of the text: exactly what would be sent, with the parts of another domain marked, and one more step. */
export function ConfirmSend(props: {
  readonly confirmation: SendConfirmation;
  readonly domains: readonly Domain[];
  readonly sending: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { confirmation, domains, sending, onConfirm, onCancel } = props;
  const arming = useArming(confirmation.digest);
  const group = useRef<HTMLDivElement>(null);
  // The text first, and no button: a key held down does nothing.
  useEffect(() => {
    group.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }, []);
  return (
    <div
      ref={group}
      role="group"
      aria-label={t('send.confirm.label')}
      className="mt-1 flex min-h-0 flex-1 gap-2"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
      }}
    >
      <InertText
        label={t('send.confirm.text')}
        text={confirmation.text}
        spans={confirmation.spans}
        titleOf={({ domain }) => domainName(domains, domain)}
        className="min-h-0 flex-1"
      />
      <div className="flex flex-col justify-end gap-1.5">
        <button type="button" className="button" onClick={onCancel}>
          {t('action.cancel')}
        </button>
        <ArmedButton
          arming={arming}
          busy={sending}
          label={t('send.confirm.action', { target: domainName(domains, confirmation.domain) })}
          onPress={onConfirm}
        />
      </div>
    </div>
  );
}
