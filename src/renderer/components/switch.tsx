import type { ReactNode } from 'react';

/** An on/off switch; its position tells its state, not only its colour. */
export function Switch(props: {
  readonly name: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}): ReactNode {
  const { name, on, onChange } = props;
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={name}
      title={name}
      className={`inline-flex h-[18px] w-8 shrink-0 items-center rounded-full border p-px transition-colors duration-100 ${on ? 'border-solid bg-solid' : 'border-ink-3 bg-transparent'}`}
      onClick={() => {
        onChange(!on);
      }}
    >
      <span
        className={`size-3.5 rounded-full transition-transform duration-100 ${on ? 'translate-x-3.5 bg-on-solid' : 'bg-ink-3'}`}
      />
    </button>
  );
}
