import { useCallback, useState } from 'react';
import type { ReactNode } from 'react';

import { describeState } from '../../../shared/index.ts';
import type { AppState, Bridge, Diagnostics, Reply } from '../../../shared/index.ts';
import { copyText } from '../../app/copy-text.ts';
import { useReply } from '../../app/use-reply.ts';
import { t } from '../../app/words.ts';
import { StateMark } from '../../components/state-mark.tsx';

const fields = [
  'version',
  'electron',
  'chromium',
  'node',
  'system',
  'home',
  'settingsFile',
  'keyring',
  'gatewayRuntime',
  'guardian',
  'updates',
] as const satisfies readonly (keyof Diagnostics)[];

/** Versions, paths and connections, to look at or to attach to a report. */
export function DiagnosticsPanel(props: {
  readonly state: Pick<AppState, 'gateways'>;
  readonly bridge: Bridge<'shell'>['diagnostics'];
}): ReactNode {
  const { state, bridge } = props;
  const { reply } = useReply(bridge.get);
  const [copied, setCopied] = useState(false);
  const measure = useCallback(() => roundTrip(bridge), [bridge]);
  const { reply: ping, refresh } = useReply(measure);
  const rows =
    reply?.ok === true
      ? fields.map((field) => [t(`diagnostics.${field}`), reply.value[field]] as const)
      : [];
  return (
    <div className="flex flex-col gap-6">
      <section aria-labelledby="diagnostics-versions">
        <div className="mb-1 flex h-7 items-center justify-between">
          <h3 id="diagnostics-versions" className="heading">
            {t('diagnostics.versions')}
          </h3>
          <button
            type="button"
            className="button"
            disabled={rows.length === 0}
            onClick={() => {
              setCopied(copyText(rows.map(([name, value]) => `${name}: ${value}`).join('\n')));
            }}
          >
            <span aria-live="polite">{t(copied ? 'action.copied' : 'diagnostics.copy')}</span>
          </button>
        </div>
        {reply?.ok === false && (
          <p role="alert" className="mb-2 text-bad">
            {t('diagnostics.unread', { message: reply.error.message })}
          </p>
        )}
        <div className="overflow-hidden rounded-lg border border-line bg-raise">
          <table aria-label={t('diagnostics.versions')} className="w-full text-left">
            <tbody className="divide-y divide-line">
              {rows.map(([name, value]) => (
                <tr key={name}>
                  <th scope="row" className="w-36 px-3 py-1.5 align-top font-normal text-ink-2">
                    {name}
                  </th>
                  <td className="selectable py-1.5 pr-3 wrap-anywhere">{value}</td>
                </tr>
              ))}
              <tr>
                <th scope="row" className="w-36 px-3 py-1.5 align-middle font-normal text-ink-2">
                  {t('diagnostics.ping')}
                </th>
                <td className="py-1 pr-2">
                  <span className="flex items-center justify-between">
                    <span className="numeric">
                      {ping?.ok === true
                        ? t('diagnostics.ping.value', { milliseconds: ping.value.toFixed(2) })
                        : '–'}
                    </span>
                    <button type="button" className="button button-quiet" onClick={refresh}>
                      {t('trust.refresh')}
                    </button>
                  </span>
                </td>
              </tr>
            </tbody>
          </table>
        </div>
      </section>
      <section aria-labelledby="diagnostics-connections">
        <h3 id="diagnostics-connections" className="heading mb-2">
          {t('diagnostics.connections')}
        </h3>
        <Connections gateways={state.gateways} />
      </section>
    </div>
  );
}

function Connections(props: { readonly gateways: AppState['gateways'] }): ReactNode {
  return (
    <ul className="divide-y divide-line rounded-lg border border-line bg-raise">
      {props.gateways.map((gateway) => {
        const { word, detail } = describeState(t, gateway.state, gateway.state.sinceMs);
        return (
          <li key={gateway.id} className="px-3 py-2">
            <div className="flex items-center gap-2">
              <span className="min-w-0 flex-1 truncate font-medium">{gateway.name}</span>
              <span className="inline-flex items-center gap-1.5 text-xs text-ink-2">
                <StateMark phase={gateway.state.phase} />
                {word}
              </span>
            </div>
            <p className="selectable text-xs text-ink-2 wrap-anywhere">{detail}</p>
            <p className="selectable font-mono text-xs text-ink-3 wrap-anywhere">
              {gateway.address}
            </p>
          </li>
        );
      })}
    </ul>
  );
}

/** The time a call to main and back takes, in milliseconds. */
async function roundTrip(bridge: Bridge<'shell'>['diagnostics']): Promise<Reply<number>> {
  const startMs = performance.now();
  const reply = await bridge.ping(startMs);
  return reply.ok ? { ok: true, value: performance.now() - startMs } : reply;
}
