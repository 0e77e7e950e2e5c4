import { CircleCheck, CircleX, Monitor } from 'lucide-react';
import type { ReactNode } from 'react';

import { checkDepths } from '../../../shared/index.ts';
import type {
  Bridge,
  GatewayView,
  MemberCheck,
  NodeView,
  PairView,
} from '../../../shared/index.ts';
import { formatAge, formatFull, formatLatency } from '../../app/times.ts';
import { t } from '../../app/words.ts';
import { ConnectionRow } from '../panes/connection-row.tsx';

/** One member: its part, what it is doing, what would stop it, and its last check at every depth. */
export function MemberCard(props: {
  readonly pair: PairView;
  readonly gatewayId: string;
  readonly name: string;
  readonly gateway: GatewayView | undefined;
  readonly bridge: Bridge<'shell'>['gateways'];
  readonly nowMs: number;
}): ReactNode {
  const { pair, gatewayId, name, gateway, bridge, nowMs } = props;
  // The pane shows the active member alone, so that a standby's token would be asked for nowhere else.
  const isApart = gateway?.kind === 'remote' && gateway.state.phase !== 'ready';
  const node = pair.nodes.find((candidate) => candidate.gatewayId === gatewayId);
  const checks = checkDepths.flatMap(
    (depth) =>
      pair.checks.find((check) => check.gatewayId === gatewayId && check.depth === depth) ?? [],
  );
  return (
    <article aria-label={name} className="overflow-hidden rounded-lg border border-line bg-raise">
      <header className="flex items-start gap-2 px-3 pt-2.5 pb-2">
        <div className="min-w-0 flex-1">
          <h5 className="truncate font-medium">{name}</h5>
          <p className="flex items-center gap-1.5 text-xs text-ink-2">
            {t(gatewayId === pair.primaryId ? 'failover.primary' : 'failover.standby')}
            {node?.local === false && (
              <>
                <span aria-hidden>·</span>
                <Monitor aria-hidden className="size-3" strokeWidth={1.75} />
                {t('failover.elsewhere')}
              </>
            )}
          </p>
        </div>
        <RoleBadge node={node} />
      </header>
      <div className="px-3 pb-2.5 text-xs leading-4">
        <p>
          <span className="text-ink-2">{t('failover.fence')}:</span>{' '}
          <span className={node?.fence === 'none' ? 'font-medium text-bad' : ''}>
            {t(`failover.fence.${node?.fence ?? 'unknown'}`)}
          </span>
        </p>
        {node !== undefined && node.detail !== '' && (
          <p className="mt-1 text-ink-2 wrap-anywhere">{node.detail}</p>
        )}
      </div>
      {isApart && <ConnectionRow gateway={gateway} bridge={bridge} />}
      {checks.length === 0 ? (
        <p className="border-t border-line px-3 py-2 text-xs text-ink-2">
          {t('failover.checks.none')}
        </p>
      ) : (
        <Checks checks={checks} name={name} nowMs={nowMs} />
      )}
    </article>
  );
}

function RoleBadge(props: { readonly node: NodeView | undefined }): ReactNode {
  const role = props.node?.role ?? null;
  const style =
    role === 'active' || role === 'draining'
      ? 'border-tone-line bg-tone-soft text-tone-ink'
      : role === 'fenced' || role === 'fault'
        ? 'border-transparent bg-bad-soft text-bad'
        : 'border-line-strong text-ink-2';
  return (
    <span
      className={`inline-flex h-5 shrink-0 items-center rounded-full border px-2 text-[11px] font-medium ${style}`}
    >
      {t(`failover.role.${role ?? 'unknown'}`)}
    </span>
  );
}

function Checks(props: {
  readonly checks: readonly MemberCheck[];
  readonly name: string;
  readonly nowMs: number;
}): ReactNode {
  const { checks, name, nowMs } = props;
  const head = 'px-2 py-1 font-medium first:pl-3 last:pr-3';
  const cell = 'px-2 py-1 align-top first:pl-3 last:pr-3';
  return (
    <table
      aria-label={t('failover.checks', { name })}
      className="w-full table-fixed border-t border-line text-left text-xs leading-4"
    >
      <thead className="bg-canvas text-ink-2">
        <tr>
          <th scope="col" className={`${head} w-[88px]`}>
            {t('failover.depth')}
          </th>
          <th scope="col" className={head}>
            {t('failover.result')}
          </th>
          <th scope="col" className={`${head} w-[72px] text-right`}>
            {t('failover.latency')}
          </th>
          <th scope="col" className={`${head} w-[88px] text-right`}>
            {t('failover.age')}
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line border-t border-line">
        {checks.map(({ depth, ok, latencyMs, atMs, misses, detail }) => {
          const Mark = ok ? CircleCheck : CircleX;
          return (
            <tr key={depth}>
              <th
                scope="row"
                className={`${cell} font-normal whitespace-nowrap`}
                title={t(`failover.depth.${depth}.detail`)}
              >
                {t(`failover.depth.${depth}`)}
              </th>
              <td className={cell}>
                <span
                  className={`flex items-center gap-1 font-medium ${ok ? 'text-good' : 'text-bad'}`}
                >
                  <Mark aria-hidden className="size-3 shrink-0" strokeWidth={2} />
                  {ok
                    ? t('failover.ok')
                    : misses > 1
                      ? t('failover.misses', { count: misses })
                      : t('failover.missed')}
                </span>
                {!ok && detail !== '' && (
                  <span className="block text-ink-2 wrap-anywhere">{detail}</span>
                )}
              </td>
              <td className={`${cell} numeric text-right whitespace-nowrap`}>
                {latencyMs === null ? '–' : formatLatency(latencyMs)}
              </td>
              <td
                className={`${cell} numeric text-right whitespace-nowrap text-ink-2`}
                title={formatFull(atMs)}
              >
                {formatAge(atMs, nowMs)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
