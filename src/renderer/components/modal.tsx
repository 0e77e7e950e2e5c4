import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

/**
 * A native modal dialog, open while it is there: the browser keeps the focus inside, and Escape calls `onClose`.
 * The element with `data-first-focus` has the focus first.
 */
export function Modal(props: {
  readonly label: string;
  readonly onClose: () => void;
  readonly className: string;
  readonly children: ReactNode;
}): ReactNode {
  const { label, onClose, className, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-first-focus]')?.focus();
    return () => {
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      className={`animate-appear border border-line-strong bg-raise text-ink shadow-pop backdrop:bg-[#0a0c1080] ${className}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // Main closes it, by a change of state. Taken here and not as `cancel`, which cannot be refused twice.
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
