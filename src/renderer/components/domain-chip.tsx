import type { ReactNode } from 'react';

import type { DomainColour } from '../../shared/index.ts';

/** A domain as a coloured mark and its word. */
export function DomainChip(props: {
  readonly name: string;
  readonly tone: DomainColour;
}): ReactNode {
  return (
    <span
      data-tone={props.tone}
      className="inline-flex h-5 shrink-0 items-center gap-1.5 rounded-full border border-tone-line bg-tone-soft px-2 text-[11px] font-medium text-tone-ink"
    >
      <span aria-hidden className="size-1.5 rounded-full bg-tone" />
      {props.name}
    </span>
  );
}
