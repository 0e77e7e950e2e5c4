import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** What stands where there is nothing yet: says so, and what would fill it. */
export function EmptyState(props: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly detail: string;
  /** What to do about it. */
  readonly children?: ReactNode;
}): ReactNode {
  const { icon: Icon, title, detail, children } = props;
  return (
    <div className="flex flex-col items-center px-6 py-10 text-center">
      <Icon aria-hidden className="mb-3 size-6 text-ink-3" strokeWidth={1.5} />
      <p className="text-sm font-medium">{title}</p>
      <p className="mt-1 max-w-80 text-ink-2">{detail}</p>
      {children !== undefined && <div className="mt-4">{children}</div>}
    </div>
  );
}
