import { Circle, CircleCheck, CircleDashed, CircleX, Hourglass } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';

import { drillText } from '../../../shared/index.ts';
import type { DrillStep, DrillView } from '../../../shared/index.ts';
import { copyText } from '../../app/copy-text.ts';
import { formatClock, formatFull, formatLatency } from '../../app/times.ts';
import { t } from '../../app/words.ts';

const marks: Readonly<
  Record<DrillStep['state'], { readonly icon: LucideIcon; readonly style: string }>
> = {
  waiting: { icon: Circle, style: 'text-ink-3' },
  running: { icon: Hourglass, style: 'animate-breathe text-focus' },
  passed: { icon: CircleCheck, style: 'text-good' },
  failed: { icon: CircleX, style: 'text-bad' },
  skipped: { icon: CircleDashed, style: 'text-ink-3' },
};

/** A drill as it goes, and what the last one found. */
export function Drill(props: { readonly drill: DrillView; readonly pairName: string }): ReactNode {
  const { drill, pairName } = props;
  const { state, steps, words, startedAtMs } = drill;
  const [isCopied, setIsCopied] = useState(false);
  const isOver = state !== 'running' && state !== 'ending';
  const done = steps.filter((step) => step.state !== 'waiting' && step.state !== 'running').length;
  return (
    <section
      aria-label={t('failover.drill.title', { name: pairName })}
      className="mt-3 overflow-hidden rounded-lg border border-line bg-raise text-xs leading-4"
    >
      <header className="flex items-center gap-2 border-b border-line bg-canvas py-1 pr-1.5 pl-3">
        <h4 className="min-w-0 flex-1 font-medium">
          {isOver
            ? t('failover.drill.last')
            : t(`failover.drill.${state}`, { done, count: steps.length })}
        </h4>
        <time
          className="numeric text-ink-3"
          dateTime={new Date(startedAtMs).toISOString()}
          title={formatFull(startedAtMs)}
        >
          {formatClock(startedAtMs)}
        </time>
        <button
          type="button"
          className="button button-quiet h-6"
          onClick={() => {
            setIsCopied(copyText(drillText(drill, t('failover.drill.title', { name: pairName }))));
          }}
        >
          {t(isCopied ? 'action.copied' : 'failover.drill.copy')}
        </button>
      </header>
      <ol aria-label={t('failover.drill.steps')} className="divide-y divide-line">
        {steps.map((step, index) => (
          <Step key={index} step={step} />
        ))}
      </ol>
      <p
        role="status"
        className={
          words === ''
            ? 'sr-only'
            : `selectable border-t border-line px-3 py-2 font-medium wrap-anywhere ${state === 'failed' ? 'text-bad' : ''}`
        }
      >
        {words}
      </p>
    </section>
  );
}

function Step({ step }: { readonly step: DrillStep }): ReactNode {
  const { what, state, tookMs, detail } = step;
  const { icon: Mark, style } = marks[state];
  return (
    <li className="flex items-start gap-2 px-3 py-1.5">
      <Mark aria-hidden className={`mt-px size-3.5 shrink-0 ${style}`} strokeWidth={2} />
      <div className="min-w-0 flex-1">
        <p className={`wrap-anywhere ${state === 'waiting' ? 'text-ink-2' : ''}`}>
          <span className="sr-only">{t(`failover.drill.step.${state}`)}: </span>
          {what}
        </p>
        {detail !== '' && (
          <p className={`wrap-anywhere ${state === 'failed' ? 'text-bad' : 'text-ink-2'}`}>
            {detail}
          </p>
        )}
      </div>
      {tookMs !== null && <span className="numeric text-ink-2">{formatLatency(tookMs)}</span>}
    </li>
  );
}
