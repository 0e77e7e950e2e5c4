import type { ReactNode } from 'react';

import type { Continuation } from '../../../shared/index.ts';
import { formatClock, formatFull } from '../../app/times.ts';
import { t } from '../../app/words.ts';

/** The quiet line where a conversation went on at another gateway. */
export function Continued(props: { readonly on: Continuation | undefined }): ReactNode {
  const { on } = props;
  if (on === undefined) return null;
  const { atMs, member, complete, told = 0 } = on;
  const key =
    told > 0 ? 'view.continued.told' : complete ? 'view.continued' : 'view.continued.lacking';
  return (
    <div className="px-4">
      <p
        role="note"
        className="mx-auto flex max-w-[760px] items-center gap-3 pt-4 pb-1 text-xs text-ink-3"
      >
        <span aria-hidden className="h-px flex-1 bg-line" />
        <span className="min-w-0 text-center wrap-anywhere" title={formatFull(atMs)}>
          {t(key, { member, time: formatClock(atMs), count: told })}
        </span>
        <span aria-hidden className="h-px flex-1 bg-line" />
      </p>
    </div>
  );
}
