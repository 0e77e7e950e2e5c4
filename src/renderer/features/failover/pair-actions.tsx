import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';

import { errorText } from '../../../base/index.ts';
import { isDrilling, pairObstacle } from '../../../shared/index.ts';
import type { Bridge, PairCommandName, PairView } from '../../../shared/index.ts';
import { t } from '../../app/words.ts';
import { Drill } from './drill.tsx';
import { JoinOther } from './setup/join-other.tsx';
import { SingleAgain } from './setup/single-again.tsx';

/** What a person can do with a pair; what cannot be done now says why. Answers come as toasts, and here as progress. */
export function PairActions(props: {
  readonly pair: PairView;
  readonly nameOf: (gatewayId: string) => string;
  readonly bridge: Bridge<'shell'>['pairs'];
}): ReactNode {
  const { pair, nameOf, bridge } = props;
  const [asked, setAsked] = useState<PairCommandName | null>(null);
  const [answer, setAnswer] = useState<string | null>(null);
  const otherId = pair.activeId === pair.primaryId ? pair.standbyId : pair.primaryId;

  function ask(command: PairCommandName): void {
    setAsked(command);
    setAnswer(null);
    bridge
      .command({ pairId: pair.id, command })
      .then(
        (reply) => {
          const words = reply.ok ? reply.value.words : reply.error.message;
          // A drill's own table is shown as it goes.
          setAnswer(words.includes('\n') ? null : words);
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
        blocked={obstacle !== null || (asked !== null && command !== 'end-drill')}
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
        {isDrilling(pair)
          ? action('end-drill', t('failover.end-drill'))
          : action('drill', t('failover.drill'))}
      </ul>
      <div role="status" aria-label={t('failover.answer')}>
        {(asked !== null || answer !== null) && !isDrilling(pair) && (
          <p className="selectable mt-2 text-xs leading-4 text-ink-2 wrap-anywhere">
            {asked === null ? answer : t('failover.command-sent')}
          </p>
        )}
      </div>
      {pair.drill !== undefined && <Drill drill={pair.drill} pairName={pair.name} />}
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
        </ul>
        <SingleAgain pair={pair} nameOf={nameOf} bridge={bridge} />
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
