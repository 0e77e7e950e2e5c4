import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';

import { errorText } from '../../../base/index.ts';
import { pairObstacle } from '../../../shared/index.ts';
import type { Bridge, PairCommandName, PairView } from '../../../shared/index.ts';
import { t } from '../../app/words.ts';
import { JoinOther } from './setup/join-other.tsx';

/** What a person can do with a pair; what cannot be done now says why. Answers come as toasts, and here as progress. */
export function PairActions(props: {
  readonly pair: PairView;
  readonly nameOf: (gatewayId: string) => string;
  readonly bridge: Bridge<'shell'>['pairs'];
}): ReactNode {
  const { pair, nameOf, bridge } = props;
  const [asked, setAsked] = useState<PairCommandName | 'unprotect' | null>(null);
  const [answer, setAnswer] = useState<string | null>(null);
  const otherId = pair.activeId === pair.primaryId ? pair.standbyId : pair.primaryId;

  function ask(what: PairCommandName | 'unprotect'): void {
    const call =
      what === 'unprotect'
        ? bridge.unprotect({ pairId: pair.id })
        : bridge.command({ pairId: pair.id, command: what });
    setAsked(what);
    setAnswer(null);
    call
      .then(
        (reply) => {
          setAnswer(reply.ok ? reply.value.words : reply.error.message);
        },
        (error: unknown) => {
          setAnswer(errorText(error));
        },
      )
      .finally(() => {
        setAsked(null);
      });
  }

  const action = (command: PairCommandName, label: string, danger = false): ReactNode => {
    const obstacle = pairObstacle(pair, command);
    const key =
      command === 'hold' ? 'failover.hold.detail.short' : (`failover.${command}.detail` as const);
    return (
      <Action
        key={command}
        label={label}
        detail={t(obstacle ?? key, { name: nameOf(otherId) })}
        blocked={obstacle !== null || asked !== null}
        danger={danger}
        onPress={() => {
          ask(command);
        }}
      />
    );
  };

  return (
    <div>
      <ul
        aria-label={t('failover.actions', { name: pair.name })}
        className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-raise"
      >
        {action('hand-over', t('failover.hand-over'))}
        {pair.hold ? action('unhold', t('failover.unhold')) : action('hold', t('failover.hold'))}
        {action('drill', t('failover.drill'))}
      </ul>
      <div role="status" aria-label={t('failover.answer')}>
        {(asked !== null || answer !== null) && (
          <pre
            className="selectable mt-2 overflow-x-auto font-sans text-xs leading-4 text-ink-2 data-table:rounded-md data-table:border data-table:border-line data-table:bg-canvas data-table:p-2 data-table:font-mono data-table:text-[11px] not-data-table:whitespace-pre-wrap"
            data-table={asked === null && answer?.includes('\n') ? '' : undefined}
            tabIndex={answer?.includes('\n') ? 0 : undefined}
          >
            {asked === null ? answer : t('failover.command-sent')}
          </pre>
        )}
      </div>
      <details className="group mt-2">
        <summary className="inline-flex h-7 items-center gap-1 rounded-md px-1 text-xs font-medium text-ink-2 hover:text-ink">
          <ChevronRight
            aria-hidden
            className="size-3.5 transition-transform duration-100 group-open:rotate-90"
            strokeWidth={2}
          />
          {t('failover.more')}
        </summary>
        <ul className="mt-1 divide-y divide-line overflow-hidden rounded-lg border border-line bg-raise">
          {action('force', t('failover.force'), true)}
          {pair.lease.kind === 'timed' && action('force-alone', t('failover.force-alone'), true)}
          <Action
            label={t('failover.unprotect')}
            detail={t('failover.unprotect.detail')}
            blocked={asked !== null}
            danger
            onPress={() => {
              ask('unprotect');
            }}
          />
        </ul>
        {pair.register.kind !== 'lock' && (
          <div className="mt-3">
            <JoinOther pairId={pair.id} bridge={bridge} />
          </div>
        )}
      </details>
    </div>
  );
}

/** A blocked action keeps its place in the tab order, so that its reason can be heard. */
function Action(props: {
  readonly label: string;
  readonly detail: string;
  readonly blocked: boolean;
  readonly danger: boolean;
  readonly onPress: () => void;
}): ReactNode {
  const { label, detail, blocked, danger, onPress } = props;
  const id = useId();
  return (
    <li className="flex items-center gap-3 px-3 py-2">
      <p id={id} className="min-w-0 flex-1 text-xs leading-4 text-ink-2">
        {detail}
      </p>
      <button
        type="button"
        aria-describedby={id}
        aria-disabled={blocked}
        className={`button ${danger ? 'text-bad' : ''} ${blocked ? 'opacity-50 hover:bg-raise active:bg-raise' : ''}`}
        onClick={() => {
          if (!blocked) onPress();
        }}
      >
        {label}
      </button>
    </li>
  );
}
