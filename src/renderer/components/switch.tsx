import type { ReactNode } from 'react';

/** An on/off switch; its position tells its state, not only its colour. A blocked one keeps its place in the tab order. */
export function Switch(props: {
  readonly name: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly blocked?: boolean;
  /** The id of what says more about it: why it is blocked. */
  readonly describedBy?: string;
}): ReactNode {
  const { name, on, onChange, blocked = false, describedBy } = props;
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={name}
      aria-disabled={blocked}
      aria-describedby={describedBy}
      title={name}
      className={`inline-flex h-[18px] w-8 shrink-0 items-center rounded-full border p-px transition-colors duration-100 aria-disabled:opacity-50 ${on ? 'border-solid bg-solid' : 'border-ink-3 bg-transparent'}`}
      onClick={() => {
        if (!blocked) onChange(!on);
      }}
    >
      <span
        className={`size-3.5 rounded-full transition-transform duration-100 ${on ? 'translate-x-3.5 bg-on-solid' : 'bg-ink-3'}`}
      />
    </button>
  );
}
