import { Ban } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Domain } from '../../../shared/index.ts';
import { domainName, t, toneOf } from '../../app/words.ts';
import { DomainChip } from '../../components/domain-chip.tsx';

const from = 'personal';
const to = 'work';

/** The one direction in which trust may flow, drawn, and the one in which it never does. */
export function Direction(props: {
  readonly domains: readonly Domain[];
  readonly on: boolean;
}): ReactNode {
  const { domains, on } = props;
  const names = { from: domainName(domains, from), to: domainName(domains, to) };
  const chips = [
    <DomainChip key={from} name={names.from} tone={toneOf(domains, from)} />,
    <DomainChip key={to} name={names.to} tone={toneOf(domains, to)} />,
  ];
  return (
    <div className="flex flex-col gap-3 rounded-lg border border-line bg-raise px-3 py-3">
      <div className="flex items-center gap-2" aria-hidden>
        {chips[0]}
        <Arrow broken={!on} />
        {chips[1]}
      </div>
      <p>{t(on ? 'trust.allowed' : 'trust.off', names)}</p>
      <p className="flex items-center gap-2 border-t border-line pt-3 text-ink-2">
        <Ban aria-hidden className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
        {t('trust.never', { from: names.to, to: names.from })}
      </p>
    </div>
  );
}

function Arrow(props: { readonly broken: boolean }): ReactNode {
  const { broken } = props;
  return (
    <svg
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
