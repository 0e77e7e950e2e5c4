import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';

import type { Bridge, Toast } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { t } from '../../app/words.ts';
import { IconButton } from '../../components/icon-button.tsx';

const lifeMs = 6000;

const looks: Readonly<
  Record<Toast['tone'], { readonly icon: LucideIcon; readonly style: string }>
> = {
  info: { icon: Info, style: 'text-focus' },
  success: { icon: CircleCheck, style: 'text-good' },
  warning: { icon: TriangleAlert, style: 'text-warn' },
  error: { icon: CircleAlert, style: 'text-bad' },
};

/** Short messages at the window's corner, read out as they come. */
export function Toasts(props: {
  readonly toasts: readonly Toast[];
  readonly bridge: Bridge<'overlay'>['toast'];
}): ReactNode {
  return (
    <section
      aria-label={t('toasts.label')}
      className="fixed right-2 bottom-2 w-[min(380px,calc(100vw-16px))]"
    >
      <ul aria-live="polite" className="flex flex-col gap-2">
        {props.toasts.map((toast) => (
          <ToastRow key={toast.id} toast={toast} bridge={props.bridge} />
        ))}
      </ul>
    </section>
  );
}

/** Good news goes by itself, unless the person is at it; warnings and errors stay until they are dismissed. */
function ToastRow(props: {
  readonly toast: Toast;
  readonly bridge: Bridge<'overlay'>['toast'];
}): ReactNode {
  const { toast, bridge } = props;
  const [attended, setAttended] = useState(false);
  const passing = toast.tone === 'info' || toast.tone === 'success';
  const { id } = toast;

  useEffect(() => {
    if (!passing || attended) return undefined;
    const timer = setTimeout(() => {
      act(bridge.dismiss({ id }));
    }, lifeMs);
    return () => {
      clearTimeout(timer);
    };
  }, [passing, attended, bridge, id]);

  const { icon: Icon, style } = looks[toast.tone];
  return (
    <li
      className="flex animate-appear items-start gap-2.5 rounded-lg border border-line-strong bg-raise py-1 pr-1 pl-3 text-ink shadow-pop"
      onPointerEnter={() => {
        setAttended(true);
      }}
      onPointerLeave={() => {
        setAttended(false);
      }}
      onFocus={() => {
        setAttended(true);
      }}
      onBlur={() => {
        setAttended(false);
      }}
    >
      <Icon aria-hidden className={`mt-1.5 size-4 shrink-0 ${style}`} strokeWidth={1.75} />
      <p
        className="line-clamp-3 min-w-0 flex-1 py-1.5 text-xs leading-4 wrap-anywhere"
        title={toast.text}
      >
        <span className="sr-only">{t(`toast.${toast.tone}`)}: </span>
        {toast.text}
      </p>
      <IconButton
        icon={X}
        name={t('action.dismiss')}
        onPress={() => {
          act(bridge.dismiss({ id }));
        }}
      />
    </li>
  );
}
