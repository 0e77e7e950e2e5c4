import type { ReactNode } from 'react';

import { assertNever } from '../../base/index.ts';
import type { ConnectionState } from '../../shared/index.ts';

type Phase = ConnectionState['phase'];

/** The mark before a state's word. Each state has a shape of its own, so that no one needs the colour to tell them apart. */
export function StateMark(props: { readonly phase: Phase }): ReactNode {
  return (
    <svg aria-hidden viewBox="0 0 10 10" className={`size-2.5 shrink-0 ${colours[props.phase]}`}>
      {shape(props.phase)}
    </svg>
  );
}

const colours: Readonly<Record<Phase, string>> = {
  ready: 'text-good',
  starting: 'text-warn animate-breathe',
  pairing: 'text-warn',
  draining: 'text-warn',
  refused: 'text-bad',
  offline: 'text-bad',
};

function shape(phase: Phase): ReactNode {
  const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.75 };
  switch (phase) {
    case 'ready':
      return <circle cx="5" cy="5" r="4" fill="currentColor" />;
    case 'starting':
      return <circle cx="5" cy="5" r="3.75" {...line} strokeDasharray="3.2 2.7" />;
    case 'pairing':
      return <path d="M5 .75 9.25 5 5 9.25.75 5Z" fill="currentColor" />;
    case 'draining':
      return (
        <>
          <circle cx="5" cy="5" r="3.75" {...line} />
          <path d="M5 5H1.5a3.5 3.5 0 0 0 7 0Z" fill="currentColor" />
        </>
      );
    case 'refused':
      return <path d="m1.5 1.5 7 7m0-7-7 7" {...line} strokeLinecap="round" />;
    case 'offline':
      return (
        <>
          <circle cx="5" cy="5" r="3.75" {...line} />
          <path d="m2.5 7.5 5-5" {...line} />
        </>
      );
    default:
      return assertNever(phase);
  }
}
