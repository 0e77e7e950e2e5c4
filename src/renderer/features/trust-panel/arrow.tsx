import type { ReactNode } from 'react';

/** The direction of trust, drawn: a line that arrives, or one that is cut. */
export function Arrow(props: { readonly broken: boolean }): ReactNode {
  const { broken } = props;
  return (
    <svg
      aria-hidden
      viewBox="0 0 120 16"
      className={`h-4 min-w-0 flex-1 ${broken ? 'text-ink-3' : 'text-good'}`}
      preserveAspectRatio="xMidYMid meet"
    >
      <g
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {broken ? (
          <>
            <path d="M2 8h44M74 8h42" strokeDasharray="4 5" />
            <path d="m54 2 12 12M66 2 54 14" />
          </>
        ) : (
          <path d="M2 8h114" />
        )}
        <path d="m111 3 6 5-6 5" />
      </g>
    </svg>
  );
}
