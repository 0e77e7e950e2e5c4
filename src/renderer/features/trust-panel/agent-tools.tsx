import { useId, useState } from 'react';
import type { ReactNode } from 'react';

import type { AgentToolsView, AppState, Bridge } from '../../../shared/index.ts';
import { useCall } from '../../app/use-call.ts';
import { domainName, t } from '../../app/words.ts';
import { Switch } from '../../components/switch.tsx';
import { CopyButton } from './copy-button.tsx';

type ToolsBridge = Pick<Bridge<'shell'>['trust'], 'setAgentTools' | 'agentToolsText'>;

/** Which gateways' agents have the tools to ask and tell, how they got them, and what helps them to be found. */
export function AgentTools(props: {
  readonly state: Pick<AppState, 'domains' | 'gateways'>;
  readonly tools: AgentToolsView;
  readonly bridge: ToolsBridge;
}): ReactNode {
  const { state, tools, bridge } = props;
  const given = tools.gateways.filter((gateway) => gateway.given);
  const asked = [...new Set(given.flatMap(({ to }) => to))];
  return (
    <div className="flex flex-col gap-2">
      <ul
        aria-labelledby="trust-tools"
        className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-raise"
      >
        {tools.gateways.length === 0 && <li className="px-3 py-2.5">{t('trust.tools.empty')}</li>}
        {tools.gateways.map((tool) => (
          <GatewayTools key={tool.gatewayId} state={state} tool={tool} bridge={bridge} />
        ))}
      </ul>
      {tools.gateways.length > 0 && (
        <p className={`text-xs leading-4 ${tools.way === 'closed' ? 'text-bad' : 'text-ink-2'}`}>
          {t(`trust.tools.way.${tools.way}`, { problem: tools.problem ?? '' })}
        </p>
      )}
      {tools.way !== 'closed' && tools.problem !== null && (
        <p role="alert" className="text-xs leading-4 text-bad">
          {tools.problem}
        </p>
      )}
      {asked.length > 0 && (
        <div className="text-xs leading-4 text-ink-2">
          <p>{t('trust.tools.hint')}</p>
          {asked.map((domain) => {
            const line = t('trust.tools.line', { to: domainName(state.domains, domain) });
            return (
              <p key={domain} className="mt-1 flex items-center gap-2">
                <code className="selectable min-w-0 flex-1 font-mono text-ink wrap-anywhere">
                  {line}
                </code>
                <CopyButton text={line} name={t('trust.tools.copy-line')} />
              </p>
            );
          })}
        </div>
      )}
    </div>
  );
}

function GatewayTools(props: {
  readonly state: Pick<AppState, 'domains' | 'gateways'>;
  readonly tool: AgentToolsView['gateways'][number];
  readonly bridge: ToolsBridge;
}): ReactNode {
  const { state, tool, bridge } = props;
  const { gatewayId, given, how, to } = tool;
  const [text, setText] = useState<string | null>(null);
  const { problem, run } = useCall();
  const about = useId();
  const gateway = state.gateways.find(({ id }) => id === gatewayId)?.name ?? gatewayId;
  const toNames = to.map((domain) => domainName(state.domains, domain)).join(', ');
  return (
    <li className="flex flex-col gap-1.5 px-3 py-2.5">
      <div className="flex items-center gap-3">
        <span className="min-w-0 flex-1 truncate font-medium">{gateway}</span>
        <span className="text-xs text-ink-2">
          {t(given ? 'trust.tools.given' : 'trust.tools.not-given')}
        </span>
        <Switch
          name={t('trust.tools.give', { gateway, to: toNames })}
          on={given}
          describedBy={about}
          onChange={(on) => {
            setText(null);
            run(bridge.setAgentTools({ gatewayId, on }));
          }}
        />
      </div>
      <p id={about} className="text-xs leading-4 text-ink-2">
        {t(`trust.tools.${how}`, { gateway })}
      </p>
      {how === 'text' && given && (
        <button
          type="button"
          aria-expanded={text !== null}
          className="button self-start"
          onClick={() => {
            if (text === null)
              run(bridge.agentToolsText({ gatewayId }), (answer) => {
                setText(answer.text);
              });
            else setText(null);
          }}
        >
          {t(text === null ? 'trust.tools.show' : 'trust.tools.hide')}
        </button>
      )}
      {text !== null && (
        <div className="flex flex-col items-end gap-1.5">
          <pre
            tabIndex={0}
            role="region"
            aria-label={t('trust.tools.config-text', { gateway })}
            className="selectable max-h-48 w-full overflow-auto rounded-md border border-line bg-canvas p-2 font-mono text-[11px] leading-4"
          >
            {text}
          </pre>
          <CopyButton text={text} name={t('trust.tools.copy', { gateway })} />
        </div>
      )}
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
    </li>
  );
}
