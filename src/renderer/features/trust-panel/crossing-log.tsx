import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';

import type { Bridge, TrustDecision } from '../../../shared/index.ts';
import { useReply } from '../../app/use-reply.ts';
import { t } from '../../app/words.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { crossingDirections, matchesFilter, noFilter } from './crossing-filter.ts';
import type { CrossingFilter } from './crossing-filter.ts';
import { crossingKind, crossingWhat, crossingWho } from './crossing-words.ts';
import type { CrossingNames } from './crossing-words.ts';
import { Crossings } from './crossings.tsx';

const effects = ['allow', 'ask', 'deny'] as const;
const effectWords = { allow: 'trust.allow', ask: 'trust.asked', deny: 'trust.deny' } as const;

/** The crossings, and which of them to show. */
export function CrossingLog(props: {
  readonly state: CrossingNames;
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'recent'>;
}): ReactNode {
  const { state, bridge } = props;
  const { reply, refresh } = useReply(bridge.recent);
  const [filter, setFilter] = useState(noFilter);
  const all = reply?.ok === true ? reply.value : [];
  const shown = all.filter((decision) =>
    matchesFilter(
      filter,
      decision,
      `${crossingWho(t, decision, state)} ${crossingWhat(t, decision, state)}`,
    ),
  );
  return (
    <section aria-labelledby="trust-crossings">
      <div className="mb-1 flex h-7 items-center justify-between gap-2">
        <h3 id="trust-crossings" className="heading">
          {t('trust.crossings')}
        </h3>
        <span role="status" className="numeric ml-auto text-xs text-ink-2">
          {shown.length < all.length &&
            t('trust.filter.shown', { shown: shown.length, count: all.length })}
        </span>
        <IconButton icon={RefreshCw} name={t('trust.refresh')} onPress={refresh} />
      </div>
      {reply?.ok === false && (
        <p role="alert" className="mb-2 text-bad">
          {t('trust.unread', { message: reply.error.message })}
        </p>
      )}
      {all.length > 0 && <Filter all={all} filter={filter} onChange={setFilter} />}
      <Crossings
        decisions={shown}
        names={state}
        empty={t(all.length > 0 ? 'trust.filter.none' : 'trust.crossings.empty')}
      />
    </section>
  );
}

function Filter(props: {
  readonly all: readonly TrustDecision[];
  readonly filter: CrossingFilter;
  readonly onChange: (filter: CrossingFilter) => void;
}): ReactNode {
  const { all, filter, onChange } = props;
  const kinds = [...new Set(all.map(({ action }) => action))]
    .map((action) => ({ value: action, label: crossingKind(t, action) }))
    .toSorted((a, b) => a.label.localeCompare(b.label));
  return (
    <div role="group" aria-label={t('trust.filter')} className="mb-2 flex flex-wrap gap-2">
      <Choice
        label={t('trust.filter.direction')}
        value={filter.direction}
        options={crossingDirections.map((value) => ({
          value,
          label: t(`trust.filter.direction.${value}`),
        }))}
        onChange={(direction) => {
          onChange({ ...filter, direction });
        }}
      />
      <Choice
        label={t('trust.filter.effect')}
        value={filter.effect}
        options={effects.map((value) => ({ value, label: t(effectWords[value]) }))}
        onChange={(effect) => {
          onChange({ ...filter, effect });
        }}
      />
      <Choice
        label={t('trust.filter.kind')}
        value={filter.kind}
        options={kinds}
        onChange={(kind) => {
          onChange({ ...filter, kind });
        }}
      />
      <label className="min-w-24 flex-1 text-xs text-ink-2">
        <span className="mb-0.5 block">{t('trust.filter.text')}</span>
        <input
          type="search"
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          value={filter.text}
          className="h-7 w-full rounded-md border border-line-strong bg-page px-2 text-ink select-text"
          onChange={({ target }) => {
            onChange({ ...filter, text: target.value });
          }}
        />
      </label>
      {filter !== noFilter && (
        <button
          type="button"
          className="button button-quiet self-end"
          onClick={() => {
            onChange(noFilter);
          }}
        >
          {t('trust.filter.clear')}
        </button>
      )}
    </div>
  );
}

function Choice<Value extends string>(props: {
  readonly label: string;
  readonly value: Value | null;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value | null) => void;
}): ReactNode {
  const { label, value, options, onChange } = props;
  return (
    <label className="text-xs text-ink-2">
      <span className="mb-0.5 block">{label}</span>
      <select
        value={value ?? ''}
        className="h-7 max-w-40 rounded-md border border-line-strong bg-page px-1.5 text-ink"
        onChange={({ target }) => {
          onChange(options.find((option) => option.value === target.value)?.value ?? null);
        }}
      >
        <option value="">{t('trust.filter.any')}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
