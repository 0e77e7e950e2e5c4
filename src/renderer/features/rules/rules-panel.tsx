import { ArrowDown, ArrowUp, CircleHelp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import { assertNever } from '../../../base/index.ts';
import type { AppState, Bridge, RoutingRule } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { useReply } from '../../app/use-reply.ts';
import { domainName, t, toneOf } from '../../app/words.ts';
import { DomainChip } from '../../components/domain-chip.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { Switch } from '../../components/switch.tsx';

type By = -1 | 1;

/** The ordered rules, the row that nothing can push away, and where the file is. */
export function RulesPanel(props: {
  readonly state: Pick<AppState, 'rules' | 'domains' | 'panes'>;
  readonly bridge: Pick<Bridge<'shell'>, 'rules' | 'diagnostics'>;
}): ReactNode {
  const { state, bridge } = props;
  const { rules } = state;
  const list = useRef<HTMLOListElement>(null);
  const [moved, setMoved] = useState<{ readonly ruleId: string; readonly by: By } | null>(null);
  const { reply: diagnostics } = useReply(bridge.diagnostics.get);
  const order = rules.map((rule) => rule.id).join('\n');

  // The browser drops the focus of a row that moves: give it back, or to the other arrow at an end of the list.
  useEffect(() => {
    if (moved === null) return;
    const row = list.current?.querySelector(`[data-rule="${CSS.escape(moved.ruleId)}"]`);
    const arrows = [...(row?.querySelectorAll<HTMLButtonElement>('[data-marker]') ?? [])];
    const wanted = arrows.find((arrow) => arrow.dataset.marker === String(moved.by));
    (wanted?.disabled === false ? wanted : arrows.find((arrow) => !arrow.disabled))?.focus();
  }, [order, moved]);

  function move(ruleId: string, by: By): void {
    setMoved({ ruleId, by });
    act(bridge.rules.move({ ruleId, by }));
  }

  const movedIndex = rules.findIndex((rule) => rule.id === moved?.ruleId);
  return (
    <>
      <p className="mb-3 text-ink-2">{t(rules.length === 0 ? 'rules.empty' : 'rules.intro')}</p>
      <ol
        ref={list}
        aria-label={t('rules.title')}
        className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-raise"
      >
        {rules.map((rule, index) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            number={index + 1}
            last={index === rules.length - 1}
            state={state}
            onMove={move}
            onEnable={(enabled) => {
              act(bridge.rules.setEnabled({ ruleId: rule.id, enabled }));
            }}
          />
        ))}
        <li className="flex items-center gap-3 bg-canvas px-3 py-2.5">
          <CircleHelp
            aria-hidden
            className="w-5 shrink-0 text-ink-3"
            size={16}
            strokeWidth={1.75}
          />
          <span>
            <span className="font-medium">{t('rules.otherwise')}:</span> {t('rules.otherwise.ask')}
          </span>
        </li>
      </ol>
      <p aria-live="polite" className="sr-only">
        {moved !== null &&
          movedIndex >= 0 &&
          t('rules.moved', { name: rules[movedIndex]?.name ?? '', number: movedIndex + 1 })}
      </p>
      {diagnostics?.ok === true && (
        <p className="mt-3 text-xs text-ink-3">
          {t('rules.file')}{' '}
          <span className="selectable font-mono wrap-anywhere">
            {diagnostics.value.settingsFile}
          </span>
        </p>
      )}
    </>
  );
}

function RuleRow(props: {
  readonly rule: RoutingRule;
  readonly number: number;
  readonly last: boolean;
  readonly state: Pick<AppState, 'domains' | 'panes'>;
  readonly onMove: (ruleId: string, by: By) => void;
  readonly onEnable: (enabled: boolean) => void;
}): ReactNode {
  const { rule, number, last, state, onMove, onEnable } = props;
  return (
    <li data-rule={rule.id} className="flex items-center gap-3 px-3 py-2.5">
      <span className="numeric w-5 shrink-0 text-right text-ink-3">{number}</span>
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-center gap-2">
          <span className={`truncate font-medium ${rule.enabled ? '' : 'text-ink-3'}`}>
            {rule.name}
          </span>
          <span className="sr-only">
            {t('rules.then', { domain: domainName(state.domains, rule.then) })}
          </span>
          <span aria-hidden className="contents">
            <span className="text-ink-3">→</span>
            <DomainChip
              name={domainName(state.domains, rule.then)}
              tone={toneOf(state.domains, rule.then)}
            />
          </span>
        </div>
        <p className={`text-xs wrap-anywhere ${rule.enabled ? 'text-ink-2' : 'text-ink-3'}`}>
          {conditionText(rule, state.panes)}
        </p>
      </div>
      <div className="flex items-center">
        <IconButton
          icon={ArrowUp}
          name={t('rules.up', { name: rule.name })}
          marker="-1"
          disabled={number === 1}
          onPress={() => {
            onMove(rule.id, -1);
          }}
        />
        <IconButton
          icon={ArrowDown}
          name={t('rules.down', { name: rule.name })}
          marker="1"
          disabled={last}
          onPress={() => {
            onMove(rule.id, 1);
          }}
        />
      </div>
      <Switch
        name={t('rules.enabled', { number, name: rule.name })}
        on={rule.enabled}
        onChange={onEnable}
      />
    </li>
  );
}

function conditionText(rule: RoutingRule, panes: AppState['panes']): string {
  const { when } = rule;
  switch (when.kind) {
    case 'contains':
      return t('rules.when.contains', { text: when.text });
    case 'regex':
      return t('rules.when.regex', { pattern: when.pattern });
    case 'pane':
      return t('rules.when.pane', {
        pane: panes.find((pane) => pane.id === when.pane)?.name ?? when.pane,
      });
    default:
      return assertNever(when);
  }
}
