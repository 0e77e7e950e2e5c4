import type { ReactNode } from 'react';

import type { FailoverEvent } from '../../../shared/index.ts';
import { formatExact, formatFull } from '../../app/times.ts';
import { t } from '../../app/words.ts';

const marks: Readonly<Record<FailoverEvent['kind'], string>> = {
  attached: 'bg-ink-3',
  warmed: 'bg-ink-3',
  recovered: 'bg-good',
  takeover: 'bg-tone',
  missed: 'bg-warn',
  'refused-takeover': 'bg-warn',
  error: 'bg-bad',
};

/** What happened to a pair, newest first, each with its reason. */
export function Timeline(props: {
  readonly events: readonly FailoverEvent[];
  readonly nameOf: (gatewayId: string) => string;
}): ReactNode {
  const { events, nameOf } = props;
  const newestFirst = events.toSorted((a, b) => b.atMs - a.atMs);
  return (
    <div>
      <h4 className="heading mb-2">{t('failover.timeline')}</h4>
      {newestFirst.length === 0 ? (
        <p className="text-ink-2">{t('failover.timeline.empty')}</p>
      ) : (
        <ol aria-label={t('failover.timeline')} className="relative">
          {newestFirst.map((event, index) => (
            <li
              key={`${event.atMs}-${newestFirst.length - index}`}
              className="relative flex gap-3 pb-3 last:pb-0"
            >
              {index < newestFirst.length - 1 && (
                <span
                  aria-hidden
                  className="absolute top-3.5 bottom-[-6px] left-[3.5px] w-px bg-line-strong"
                />
              )}
              <span
                aria-hidden
                className={`relative mt-1.5 size-2 shrink-0 rounded-full ${marks[event.kind]}`}
              />
              <div className="min-w-0 flex-1">
                <div className="flex items-baseline gap-2">
                  <span className="min-w-0 flex-1 font-medium wrap-anywhere">
                    {eventText(event, nameOf)}
                  </span>
                  <span
                    className="numeric shrink-0 text-xs text-ink-3"
                    title={formatFull(event.atMs)}
                  >
                    {t('failover.epoch')} {event.epoch} · {formatExact(event.atMs)}
                  </span>
                </div>
                {event.reason !== '' && (
                  <p className="text-xs text-ink-2 wrap-anywhere">{event.reason}</p>
                )}
              </div>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function eventText(event: FailoverEvent, nameOf: (gatewayId: string) => string): string {
  const words = t(`failover.event.${event.kind}`);
  // The guardian attaches to the pair; the member it names is only the one it found active, as the reason says.
  if (event.gatewayId === null || event.kind === 'attached') return words;
  return t('failover.event.member', { event: words, member: nameOf(event.gatewayId) });
}
