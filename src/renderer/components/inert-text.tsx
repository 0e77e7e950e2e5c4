import type { ReactNode } from 'react';

import type { TextSpan } from '../../shared/index.ts';
import { splitMarks } from './marks.ts';

/** Text of somebody else, character by character: nothing of it is a link, a format or an instruction. */
export function InertText<Span extends TextSpan>(props: {
  readonly label: string;
  readonly text: string;
  readonly spans?: readonly Span[];
  /** What a marked part is, said on hover. */
  readonly titleOf?: (span: Span) => string;
  readonly className?: string;
}): ReactNode {
  const { label, text, spans = [], titleOf, className = 'max-h-64' } = props;
  return (
    <div
      role="group"
      aria-label={label}
      tabIndex={0}
      className={`selectable overflow-y-auto rounded-md border border-line bg-canvas px-2.5 py-2 font-mono text-xs leading-[18px] whitespace-pre-wrap wrap-anywhere [unicode-bidi:isolate] ${className}`}
    >
      {splitMarks(text, spans).map((part, index) =>
        part.span === null ? (
          part.text
        ) : (
          <mark
            key={index}
            title={titleOf?.(part.span)}
            className="rounded-sm bg-warn-soft font-semibold text-warn underline decoration-warn decoration-2 underline-offset-2"
          >
            {part.text}
          </mark>
        ),
      )}
    </div>
  );
}
