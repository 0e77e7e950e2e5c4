import { Check, CircleHelp, Minus } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import type { TrustDecision, WordKey } from '../../../shared/index.ts';
import { formatExact, formatFull } from '../../app/times.ts';
import { t } from '../../app/words.ts';
import { crossingWhat, crossingWho } from './crossing-words.ts';
import type { CrossingNames } from './crossing-words.ts';

const effects: Readonly<
  Record<
    TrustDecision['effect'],
    { readonly icon: LucideIcon; readonly style: string; readonly word: WordKey }
  >
> = {
  allow: { icon: Check, style: 'text-good', word: 'trust.allow' },
  ask: { icon: CircleHelp, style: 'text-warn', word: 'trust.asked' },
  deny: { icon: Minus, style: 'text-bad', word: 'trust.deny' },
};

/** The log of decisions about what would cross from one domain to another, newest first. */
export function Crossings(props: {
  readonly decisions: readonly TrustDecision[];
  readonly names: CrossingNames;
  /** What stands in the table when nothing does. */
  readonly empty: string;
}): ReactNode {
  const rows = props.decisions.toSorted((a, b) => b.atMs - a.atMs);
  const head = 'px-2 py-1.5 text-left font-medium first:pl-3 last:pr-3';
  const cell = 'px-2 py-2 align-top first:pl-3 last:pr-3';
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-raise">
      <table aria-label={t('trust.crossings')} className="w-full text-xs leading-4">
        <thead className="border-b border-line bg-canvas text-ink-2">
          <tr>
            <th scope="col" className={head}>
              {t('trust.time')}
            </th>
            <th scope="col" className={head}>
              {t('trust.who')}
            </th>
            <th scope="col" className={head}>
              {t('trust.what')}
            </th>
            <th scope="col" className={head}>
              {t('trust.effect')}
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.length === 0 && (
            <tr>
              <td colSpan={4} className="px-3 py-6 text-center text-[13px] text-ink-2">
                {props.empty}
              </td>
            </tr>
          )}
          {rows.map((row, index) => (
            <Crossing
              key={`${row.atMs}-${rows.length - index}`}
              row={row}
              names={props.names}
              cell={cell}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Crossing(props: {
  readonly row: TrustDecision;
  readonly names: CrossingNames;
  readonly cell: string;
}): ReactNode {
  const { row, names, cell } = props;
  const { icon: Mark, style, word } = effects[row.effect];
  return (
    <tr className="selectable">
      <td className={`${cell} numeric whitespace-nowrap text-ink-2`} title={formatFull(row.atMs)}>
        {formatExact(row.atMs)}
      </td>
      <td className={`${cell} wrap-break-word`}>{crossingWho(t, row, names)}</td>
      <td className={`${cell} w-full wrap-anywhere`}>
        {crossingWhat(t, row, names)}
        {row.count > 1 && (
          <span className="numeric whitespace-nowrap text-ink-2">
            {' '}
            × {row.count.toLocaleString(navigator.language)}
          </span>
        )}
        <Details row={row} />
      </td>
      <td className={`${cell} whitespace-nowrap ${style}`}>
        <span className="inline-flex items-center gap-1">
          <Mark aria-hidden className="size-3" strokeWidth={2.5} />
          {t(word)}
        </span>
      </td>
    </tr>
  );
}

/** The line as it stands in the log, for those who check the words against it. */
function Details(props: { readonly row: TrustDecision }): ReactNode {
  const { row } = props;
  const facts = [
    { label: t('trust.request'), text: `${row.principal} ${row.action} ${row.resource}` },
    { label: t('trust.rule'), text: row.rule },
    { label: t('trust.record'), text: row.detail },
  ];
  return (
    <details className="mt-0.5 text-ink-2">
      <summary className="w-fit rounded-sm marker:text-ink-3 hover:text-ink">
        {t('trust.details')}
      </summary>
      <dl className="mt-1 mb-0.5 flex flex-col gap-1.5">
        {facts
          .filter(({ text }) => text !== '')
          .map(({ label, text }) => (
            <div key={label}>
              <dt className="text-[11px] text-ink-3">{label}</dt>
              <dd className="font-mono text-[11px] wrap-anywhere">{text}</dd>
            </div>
          ))}
      </dl>
    </details>
  );
}
