/**
 * Directional trust as this app runs it: the broker over the files of the profile, its link over the connections of the
 * fleet, and all of it as state.
 *
 * Invariants
 * 1. Where trust leads is what the broker says and its store keeps; nothing else holds it.
 * 2. A crossing goes to the gateway that is active for the first pane of the domain, in a session that was begun for
 *    crossings after trust was last cut, so that nothing of before can be in it.
 * 3. Where keys, panes or addresses change, what rests on the old ones ends.
 * 4. A gateway that a person disconnected stays so, also after the next start, until they connect it again.
 */
import { createLifetime, errorText, fail, ok, type Clock, type Random } from '../base/index.ts';
import type { Logger, Result } from '../base/index.ts';
import type { ChatGateway } from '../chat/index.ts';
import { appError, emptyTrustView } from '../shared/index.ts';
import type {
  AppError,
  AppState,
  AuditView,
  BoundaryView,
  DomainId,
  Translate,
  TrustView,
} from '../shared/index.ts';
import { createBroker, createRosters } from '../trust/index.ts';
import type {
  AdmittedEvent,
  Destination,
  LabelMemory,
  Rosters,
  TrustPolicy,
} from '../trust/index.ts';
import { boundaryOf, type MeasuredPlace } from './boundary.ts';
import { createCrossingLink } from './crossing-link.ts';
import type { Fleet } from './fleet.ts';
import type { AgentCalls, TrustControl } from './model.ts';
import type { TrustHost } from './ports.ts';
import { createSendGate, type SendGate } from './send-gate.ts';
import { brokerPart, toolsClients } from './trust-view.ts';

export interface TrustOptions {
  readonly host: TrustHost;
  readonly policy: TrustPolicy;
  readonly domains: () => readonly DomainId[];
  readonly state: () => AppState;
  readonly active: (paneId: string) => ChatGateway | null;
  readonly fleet: Pick<Fleet, 'connection' | 'identities' | 'pinOf' | 'disconnect'>;
  /** All of it but the dropped events, which the gate counts. */
  readonly changed: (view: Omit<TrustView, 'dropped'>) => void;
  readonly labels: LabelMemory;
  readonly t: Translate;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface CoreTrust {
  readonly control: Omit<TrustControl, 'confirmation' | 'confirm'>;
  readonly sendGate: SendGate;
  readonly agentCalls: AgentCalls;
  isDisconnected(gatewayId: string): boolean;
  /** A person connects it again. */
  connectAgain(gatewayId: string): void;
  admitted(gatewayId: string, event: AdmittedEvent): void;
  /** Panes, gateways or domains may have changed. */
  refresh(): void;
  start(): void;
  close(): Promise<void>;
}

const firstCheckAfterMs = 60_000;
const checkEveryMs = 24 * 3_600_000;
const nobody: Rosters = { domainOf: () => null };

/** Composes it; nothing leaves, and nothing is measured, before `start`. */
export function createTrust(options: TrustOptions): CoreTrust {
  const { host, policy, domains, state, fleet, t, clock, random, logger } = options;
  const lifetime = createLifetime();
  const chosen = host.choices.load();
  const disconnected = new Set(chosen.disconnected);
  const withTools = new Set(chosen.tools);
  /** Sessions of crossings, by gateway (invariant 2). */
  const sessions = new Map<string, string>();
  let rosters = nobody;
  let rosterProblem: string | null = null;
  let restsOn = '';
  let places: readonly MeasuredPlace[] = [];
  let measured = '';
  let audit: AuditView = emptyTrustView.audit;
  let shown = '';
  let cancelExpiry = (): void => undefined;

  const link = createCrossingLink({
    connection: fleet.connection,
    pinOf: fleet.pinOf,
    door: () => broker,
    clock,
  });
  const sessionOf = (gatewayId: string): string => {
    const known = sessions.get(gatewayId) ?? `agent:main:${random.id().slice(0, 8)}`;
    sessions.set(gatewayId, known);
    return known;
  };
  const destination = (to: string): Destination | null => {
    const pane = state().panes.find(({ domain }) => domain === to);
    const gateway = pane === undefined ? null : options.active(pane.id);
    if (gateway?.isReady() !== true) return null;
    const pin = fleet.identities().find(({ gatewayId }) => gatewayId === gateway.id)?.pin;
    return pin === undefined
      ? null
      : { gatewayId: gateway.id, pin, sessionKey: sessionOf(gateway.id) };
  };

  const broker = createBroker({
    clock,
    random,
    digest: host.digest,
    log: host.log,
    store: host.store,
    link,
    domains,
    rosters: () => rosters,
    policy: () => policy,
    destination,
    canaries: () => [],
  });

  const boundary = (): BoundaryView => boundaryOf(places, host.keyring);
  const obstacle = (): string | null => {
    const [fault] = policy.problems;
    if (fault !== undefined)
      return t('trust.obstacle.policy', { line: fault.line, message: fault.message });
    return rosterProblem === null ? null : t('trust.obstacle.rosters', { message: rosterProblem });
  };
  const project = (): void => {
    const nameOf = (id: string): string => state().gateways.find((g) => g.id === id)?.name ?? id;
    const view = {
      ...brokerPart(broker.view(), domains(), nameOf, clock),
      obstacle: obstacle(),
      disconnected: [...disconnected],
      tools: {
        ...host.agentTools.state(),
        gateways: toolsClients(state().gateways, domains()).map(({ gatewayId, to }) => ({
          gatewayId,
          to,
          given: withTools.has(gatewayId),
          how: isManaged(gatewayId) ? ('config' as const) : ('text' as const),
        })),
      },
      boundary: boundary(),
      audit,
    };
    cancelExpiry();
    const nextEndMs = Math.min(...view.grants.map(({ untilMs }) => untilMs));
    if (Number.isFinite(nextEndMs))
      cancelExpiry = clock.after(Math.max(0, nextEndMs - clock.wallMs()), project);
    const text = JSON.stringify(view);
    if (text === shown) return;
    shown = text;
    options.changed(view);
  };

  const measure = (): void => {
    const personal = state().gateways.filter(({ domain }) => domain === 'personal');
    const key = JSON.stringify(personal.map(({ id, kind, address }) => [id, kind, address]));
    if (key === measured) return;
    measured = key;
    host.places(personal).then(
      (found) => {
        places = found;
        project();
      },
      (error: unknown) => {
        logger.error('places not measured', { error: errorText(error) });
      },
    );
  };

  const verify = (): AuditView => {
    audit = host.verify();
    if (audit.state !== 'holds')
      logger.warn('the trust log does not hold', {
        state: audit.state,
        problem: audit.problems[0],
      });
    project();
    return audit;
  };
  const verifyLater = (afterMs: number): void => {
    lifetime.add(
      clock.after(afterMs, () => {
        verify();
        verifyLater(checkEveryMs);
      }),
    );
  };

  const revoke: TrustControl['revoke'] = (edge) => {
    sessions.clear();
    const cut = broker.revoke(edge);
    sendGate.clear();
    return cut;
  };

  const isManaged = (gatewayId: string): boolean =>
    state().gateways.some(({ id, kind }) => id === gatewayId && kind === 'managed');
  const keepChoices = (): Result<null, AppError> => {
    const saved = host.choices.save({ disconnected: [...disconnected], tools: [...withTools] });
    if (!saved.ok) logger.error('a choice was not kept', { error: saved.error.message });
    project();
    return saved;
  };
  const giveTools = (): Result<null, AppError> => {
    const clients = toolsClients(state().gateways, domains());
    const given = host.agentTools.give(
      clients.filter(({ gatewayId }) => withTools.has(gatewayId)),
      clients.map(({ gatewayId }) => gatewayId).filter(isManaged),
    );
    if (!given.ok) logger.error('tools not given', { error: given.error.message });
    project();
    return given;
  };
  const setAgentTools = (gatewayId: string, on: boolean): Result<null, AppError> => {
    const isKnown = toolsClients(state().gateways, domains()).some(
      (client) => client.gatewayId === gatewayId,
    );
    if (!isKnown) return fail(appError('not-found', t('trust.tools.none')));
    withTools[on ? 'add' : 'delete'](gatewayId);
    const kept = keepChoices();
    const given = giveTools();
    return kept.ok ? given : kept;
  };

  const disconnect = async (domain: string): Promise<Result<{ words: string }, AppError>> => {
    const gateways = state().gateways.filter((gateway) => gateway.domain === domain);
    const name = state().domains.find(({ id }) => id === domain)?.name ?? domain;
    if (gateways.length === 0 || domain === 'personal')
      return fail(appError('not-found', t('trust.disconnect.none', { domain: name })));
    const cut = revoke();
    if (!cut.ok) logger.error('the cut is not on disk yet', { error: cut.error.message });
    for (const { id } of gateways) disconnected.add(id);
    keepChoices();
    const withdrawn = await Promise.all(
      gateways.map(async (gateway) => {
        const answer = await fleet.disconnect(gateway.id);
        return answer.ok
          ? t('trust.disconnect.withdrawn', { gateway: gateway.name })
          : t('trust.disconnect.kept', { gateway: gateway.name, detail: answer.error });
      }),
    );
    const done = t('trust.disconnect.done', { domain: name, count: gateways.length });
    return ok({ words: [done, ...withdrawn].join(' ') });
  };

  const sendGate = createSendGate({
    policy,
    log: host.log,
    digest: host.digest,
    labels: options.labels,
    domains: () => state().domains,
    clock,
  });
  broker.onChange(project);

  return {
    control: {
      allow: broker.allow,
      revoke,
      disconnect,
      approve: broker.approve,
      decline: broker.decline,
      grant: (edge, action, terms) => {
        const given = broker.grant(edge, action, terms);
        return given.ok ? ok(null) : given;
      },
      endGrants: broker.endGrants,
      give: broker.give,
      clearTaint: broker.clearTaint,
      setAgentTools,
      agentToolsText: (gatewayId) => {
        const clients = toolsClients(state().gateways, domains());
        const client = clients.find((one) => one.gatewayId === gatewayId);
        return client === undefined
          ? fail(appError('not-found', t('trust.tools.none')))
          : host.agentTools.text(client);
      },
      verify,
      exportLog: (redacted) => {
        const exported = host.exportLog(redacted);
        return exported.ok ? exported : fail(appError('storage', exported.error));
      },
    },
    sendGate,
    agentCalls: { call: broker.call, result: broker.result, onChange: broker.onChange },
    isDisconnected: (gatewayId) => disconnected.has(gatewayId),
    connectAgain: (gatewayId) => {
      if (disconnected.delete(gatewayId)) keepChoices();
    },
    admitted: link.admitted,
    refresh: () => {
      const identities = fleet.identities();
      const active = state()
        .panes.filter(({ domain }) => domain !== 'personal')
        .map(({ domain, activeGatewayId }) => [domain, activeGatewayId]);
      const now = JSON.stringify([identities, active, domains()]);
      if (now !== restsOn) {
        restsOn = now;
        const made = createRosters(identities);
        rosters = made.ok ? made.value : nobody;
        rosterProblem = made.ok ? null : made.error;
        broker.rulesChanged(); // invariant 3
      }
      measure();
      project();
    },
    start: () => {
      giveTools();
      lifetime.add(
        host.onCutRequest(() => {
          logger.warn('somebody asked for trust to be cut');
          return revoke().ok;
        }),
      );
      verifyLater(firstCheckAfterMs);
    },
    close: async () => {
      cancelExpiry();
      await lifetime.stop();
      await host.agentTools.close();
      broker.close();
    },
  };
}
