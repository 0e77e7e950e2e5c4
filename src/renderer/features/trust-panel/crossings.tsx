import { Check, Minus } from 'lucide-react';
import type { ReactNode } from 'react';

import type { TrustDecision } from '../../../shared/index.ts';
import { formatExact, formatFull } from '../../app/times.ts';
import { t } from '../../app/words.ts';

/** The log of decisions about what would cross from one domain to another, newest first. */
export function Crossings(props: { readonly decisions: readonly TrustDecision[] }): ReactNode {
  const rows = props.decisions.toSorted((a, b) => b.atMs - a.atMs);
  const head = 'px-2 py-1.5 text-left font-medium first:pl-3 last:pr-3';
  const cell = 'px-2 py-1.5 align-top first:pl-3 last:pr-3';
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
                {t('trust.crossings.empty')}
              </td>
            </tr>
          )}
          {rows.map((row, index) => (
            <Crossing key={`${row.atMs}-${rows.length - index}`} row={row} cell={cell} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Crossing(props: { readonly row: TrustDecision; readonly cell: string }): ReactNode {
  const { row, cell } = props;
  const allowed = row.effect === 'allow';
  const Mark = allowed ? Check : Minus;
  const why = `${t('trust.rule')} ${row.rule}`;
  return (
    <tr className="selectable">
      <td className={`${cell} numeric whitespace-nowrap text-ink-2`} title={formatFull(row.atMs)}>
        {formatExact(row.atMs)}
      </td>
      <td className={`${cell} wrap-break-word`}>{row.principal}</td>
      <td className={`${cell} wrap-anywhere`}>
        {row.action} {row.resource}
        {row.count > 1 && (
          <span className="numeric"> × {row.count.toLocaleString(navigator.language)}</span>
        )}
        <span className="mt-0.5 block text-ink-2">
          {row.detail === '' ? why : `${why}: ${row.detail}`}
        </span>
      </td>
      <td className={`${cell} whitespace-nowrap ${allowed ? 'text-good' : 'text-bad'}`}>
        <span className="inline-flex items-center gap-1">
          <Mark aria-hidden className="size-3" strokeWidth={2.5} />
          {t(allowed ? 'trust.allow' : 'trust.deny')}
        </span>
      </td>
    </tr>
  );
}
