import { useState } from 'react';
import type { ReactNode } from 'react';

import type { FailoverEvent } from '../../../shared/index.ts';
import { formatExact, formatFull } from '../../app/times.ts';
import { t } from '../../app/words.ts';

const marks: Readonly<Record<FailoverEvent['kind'], string>> = {
  attached: 'bg-ink-3',
  warmed: 'bg-ink-3',
  recovered: 'bg-good',
  takeover: 'bg-tone',
  handoff: 'bg-tone',
  forced: 'bg-bad',
  released: 'bg-ink-3',
  fenced: 'bg-warn',
  killed: 'bg-bad',
  held: 'bg-warn',
  unheld: 'bg-ink-3',
  dns: 'bg-ink-3',
  drill: 'bg-ink-3',
  register: 'bg-warn',
  missed: 'bg-warn',
  'refused-takeover': 'bg-warn',
  error: 'bg-bad',
};

type Filter = 'all' | 'roles' | 'trouble';
const filters: Readonly<Record<Filter, (event: FailoverEvent) => boolean>> = {
  all: () => true,
  roles: ({ kind }) =>
    ['takeover', 'handoff', 'forced', 'released', 'fenced', 'killed'].includes(kind),
  trouble: ({ kind }) =>
    ['missed', 'refused-takeover', 'error', 'register', 'fenced', 'killed', 'forced'].includes(
      kind,
    ),
};

/** So many are laid out at once; a pair's timeline has up to two hundred. */
const page = 20;

/** What happened to a pair, newest first, each with its reason. */
export function Timeline(props: {
  readonly events: readonly FailoverEvent[];
  readonly nameOf: (gatewayId: string) => string;
}): ReactNode {
  const { events, nameOf } = props;
  const [filter, setFilter] = useState<Filter>('all');
  const [limit, setLimit] = useState(page);
  const wanted = events.filter(filters[filter]).toReversed();
  const shown = wanted.slice(0, limit);
  return (
    <div>
      <div className="mb-2 flex items-center justify-between gap-2">
        <h4 className="heading">{t('failover.timeline')}</h4>
        {events.length > 0 && (
          <select
            aria-label={t('failover.timeline.filter')}
            value={filter}
            className="h-6 rounded-md border border-line-strong bg-raise px-1 text-xs text-ink"
            onChange={({ target }) => {
              setFilter(target.value as Filter);
              setLimit(page);
            }}
          >
            {(['all', 'roles', 'trouble'] as const).map((value) => (
              <option key={value} value={value}>
                {t(`failover.timeline.${value}`)}
              </option>
            ))}
          </select>
        )}
      </div>
      {shown.length === 0 ? (
        <p className="text-ink-2">
          {t(events.length === 0 ? 'failover.timeline.empty' : 'failover.timeline.none')}
        </p>
      ) : (
        <ol aria-label={t('failover.timeline')} className="relative">
          {shown.map((event, index) => (
            <Row
              key={`${event.atMs}-${wanted.length - index}`}
              event={event}
              words={eventText(event, nameOf)}
              last={index === shown.length - 1}
            />
          ))}
        </ol>
      )}
      {wanted.length > limit && (
        <button
          type="button"
          className="button mt-3"
          onClick={() => {
            setLimit(limit + 4 * page);
          }}
        >
          {t('failover.timeline.more', { count: Math.min(4 * page, wanted.length - limit) })}
        </button>
      )}
    </div>
  );
}

function Row(props: {
  readonly event: FailoverEvent;
  readonly words: string;
  readonly last: boolean;
}): ReactNode {
  const { event, words, last } = props;
  return (
    <li className="relative flex gap-3 pb-3 last:pb-0">
      {!last && (
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
          <span className="min-w-0 flex-1 font-medium wrap-anywhere">{words}</span>
          <span className="numeric shrink-0 text-xs text-ink-3" title={formatFull(event.atMs)}>
            {t('failover.epoch')} {event.epoch} · {formatExact(event.atMs)}
          </span>
        </div>
        {event.reason !== '' && <p className="text-xs text-ink-2 wrap-anywhere">{event.reason}</p>}
      </div>
    </li>
  );
}

function eventText(event: FailoverEvent, nameOf: (gatewayId: string) => string): string {
  const words = t(`failover.event.${event.kind}`);
  // The guardian attaches to the pair; the member it names is only the one it found active, as the reason says.
  if (event.gatewayId === null || event.kind === 'attached') return words;
  return t('failover.event.member', { event: words, member: nameOf(event.gatewayId) });
}
