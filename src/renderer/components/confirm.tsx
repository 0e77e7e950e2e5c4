import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

import { t } from '../app/words.ts';

/**
 * A question in place of what was pressed, before something that is not taken back. Cancel has the focus first, so that a
 * key held down confirms nothing; Escape cancels too.
 */
export function Confirm(props: {
  readonly label: string;
  readonly detail: string;
  readonly action: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { label, detail, action, danger = false, busy, onConfirm, onCancel } = props;
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    cancel.current?.focus();
  }, []);
  return (
    <div
      role="group"
      aria-label={label}
      className="rounded-md border border-line-strong bg-canvas px-3 py-2.5"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onCancel();
      }}
    >
      <p className="text-xs leading-4">{detail}</p>
      <div className="mt-2 flex justify-end gap-2">
        <button ref={cancel} type="button" className="button" onClick={onCancel}>
          {t('action.cancel')}
        </button>
        <button
          type="button"
          disabled={busy}
          className={`button ${danger ? 'border-transparent bg-danger text-on-danger hover:bg-danger-hover active:bg-danger-hover' : 'button-primary'}`}
          onClick={onConfirm}
        >
          {action}
        </button>
      </div>
    </div>
  );
}
