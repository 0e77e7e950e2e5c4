import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import { metrics } from '../../../shared/index.ts';
import type { Notice } from '../../../shared/index.ts';
import { t } from '../../app/words.ts';

const looks: Readonly<
  Record<
    Notice['severity'],
    { readonly icon: LucideIcon; readonly style: string; readonly mark: string }
  >
> = {
  info: { icon: Info, style: 'bg-info-soft', mark: 'text-focus' },
  warning: { icon: TriangleAlert, style: 'bg-warn-soft', mark: 'text-warn' },
  error: { icon: CircleAlert, style: 'bg-bad-soft', mark: 'text-bad' },
};

/** Conditions of the whole app, one row each, across the top. */
export function Notices(props: { readonly notices: readonly Notice[] }): ReactNode {
  return (
    <section aria-label={t('notices.label')} aria-live="polite">
      {props.notices.map((notice) => {
        const { icon: Icon, style, mark } = looks[notice.severity];
        const words = t(`notice.${notice.code}`, notice.values);
        return (
          <p
            key={notice.code}
            className={`flex items-center gap-2 border-b border-line px-4 text-xs leading-4 ${style}`}
            style={{ height: metrics.noticeRow }}
            title={words}
          >
            <Icon aria-hidden className={`size-4 shrink-0 ${mark}`} strokeWidth={1.75} />
            <span className="line-clamp-2">{words}</span>
          </p>
        );
      })}
    </section>
  );
}
