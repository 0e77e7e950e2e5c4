/**
 * The whole app without Electron: everything that a window, a tray or a headless host projects.
 *
 * Invariants
 * 1. A message leaves only through the outbox, and only after the trust decision is on disk.
 * 2. What a gateway sends reaches anything else only as the gate admitted it, under the domain the settings gave that
 *    gateway; only the active gateway of a pane is heard in it.
 * 3. What the person was shown is what happens: a send names the pane that was shown, and any other outcome is refused.
 * 4. Settings that do not hold never replace settings that do.
 */
import { createEmitter, createLifetime, errorText, fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { createOutbox, createPaneChat } from '../chat/index.ts';
import type { ChatGateway, PaneChat } from '../chat/index.ts';
import { decideRoute } from '../routing/index.ts';
import { appError } from '../shared/index.ts';
import type {
  AppError,
  Draft,
  FailoverEvent,
  OutboxItem,
  PairView,
  PaneView,
  RouteDecision,
} from '../shared/index.ts';
import { panesOf } from '../store/index.ts';
import { createLabelMemory } from '../trust/index.ts';
import { createAdmission } from './admission.ts';
import { createAppStore } from './app-store.ts';
import { exposedAt } from './exposure.ts';
import { startChanged } from './fence-consent.ts';
import { createFleet } from './fleet.ts';
import type { Core, CoreOptions } from './model.ts';
import { canFollow, noticesOf, sameGateways, strandedNotices } from './notices.ts';
import { vaultNameOf } from './pair-secrets.ts';
import { createPairCare } from './pair-care.ts';
import { createPairWatch } from './pair-watch.ts';
import { createPaneFeed } from './pane-feed.ts';
import { activeMember, focusAfter } from './panes.ts';
import { createRoleChanges } from './role-changes.ts';
import { ruleEdits } from './rule-edits.ts';
import { createSendings } from './sendings.ts';
import { createTrust } from './trust.ts';

const decisionsShown = 200;
/** Long enough to look up why something was sent where; not for ever, because it is what a person wrote. */
const answeredKeptMs = 30 * 24 * 3_600_000;

/** Composes the parts; nothing is dialled or started before `start`. */
export function createCore(options: CoreOptions): Core {
  const { clock, database, logger, t } = options;
  const lifetime = createLifetime();
  const store = createAppStore(clock);
  const failovers = createEmitter<{ readonly event: FailoverEvent; readonly pair: PairView }>();
  const labels = createLabelMemory();
  const gate = createAdmission({
    policy: options.policy,
    log: options.trust.log,
    clock,
    logger: logger.child('gate'),
    dropped: (dropped) => {
      store.set({ trust: { ...store.get().trust, dropped } });
    },
  });
  const chats = new Map<string, PaneChat>();
  /** The gateways and pairs that run; the file may be ahead of them, see `follow`. */
  let settings = options.settings.current();
  const fleet = createFleet({
    gateways: settings.gateways,
    vault: options.vault,
    supervisor: options.supervisor,
    certificate: options.certificate,
    isExposed: (gatewayId) => exposedAt(settings.pairs, gatewayId) !== null,
    isDisconnected: (gatewayId) => trust.isDisconnected(gatewayId),
    createWire: options.createWire,
    identity: options.identity,
    enrol: options.enrol,
    version: options.version,
    clock,
    random: options.random,
    logger: logger.child('gateways'),
    lifetime,
    t,
  });
  const pairs = createPairWatch({
    settings,
    t,
    guardian: () => options.guardian((id) => guardianSecret(id)),
    changed: pairsChanged,
    happened: (event, pair) => {
      failovers.emit({ event, pair });
    },
  });
  const nameOf = (id: string): string => settings.gateways.find((g) => g.id === id)?.name ?? id;
  const roleChanges = createRoleChanges(database.roleChanges, nameOf, logger);
  const feed = createPaneFeed({
    clock,
    state: store.get,
    chat: (paneId) => chats.get(paneId)?.state() ?? null,
    continued: roleChanges.since,
  });

  const findPane = (paneId: string): PaneView | undefined =>
    store.get().panes.find((pane) => pane.id === paneId);
  const active = (paneId: string): ChatGateway | null => {
    const pane = findPane(paneId);
    if (pane === undefined || !pairs.isDecided(pane)) return null;
    const connection = fleet.connection(pane.activeGatewayId);
    if (connection === undefined) return null;
    return {
      id: pane.activeGatewayId,
      isReady: () => connection.state().phase === 'ready',
      request: (method, params, requestOptions) =>
        connection.request(method, params, requestOptions),
    };
  };

  const trust = createTrust({
    host: options.trust,
    policy: options.policy,
    domains: () => options.settings.current().domains.map(({ id }) => id),
    state: store.get,
    active,
    fleet,
    changed: (view) => {
      store.set({ trust: { ...store.get().trust, ...view } });
    },
    labels,
    t,
    clock,
    random: options.random,
    logger: logger.child('trust'),
  });

  const outbox = createOutbox({
    store: database.outbox,
    active,
    inherits: (paneId, gatewayId) => pairs.inherits(findPane(paneId), gatewayId),
    memory: (item, gateway, ids) => chats.get(item.paneId)?.memoryFor(item, gateway, ids) ?? null,
    permit: (item) => permit(item),
    changed: (item, removed) => {
      projectOutbox();
      chats.get(item.paneId)?.[removed ? 'putAway' : 'sent'](item);
    },
    newId: () => options.random.id(),
    clock,
    logger: logger.child('outbox'),
  });

  /** Write-ahead: the decision is on disk before the message may leave (invariant 1). */
  function permit(item: OutboxItem): Result<null, AppError> {
    // A message is for one domain, for life: a pane that was given another one meanwhile does not get it.
    return findPane(item.paneId)?.domain === item.domain
      ? trust.sendGate.permit(item)
      : fail(appError('denied', t('send.other-domain')));
  }

  function projectOutbox(): void {
    store.set({ outbox: outbox.open() });
  }

  function projectGateways(): void {
    store.set({ gateways: fleet.views() });
    trust.refresh();
    for (const paneId of chats.keys()) feed.announce(paneId, { reset: false, upsert: [] });
  }

  function projectPanes(): void {
    const before = store.get().panes;
    const panes = panesOf(settings).map((pane): PaneView => {
      const chat = chats.get(pane.id)?.state();
      return {
        ...pane,
        activeGatewayId: activeMember(pane, pairs.views()),
        sessionKey: chat?.sessionKey ?? '',
        running: chat !== undefined && chat.runId !== null,
      };
    });
    if (JSON.stringify(before) === JSON.stringify(panes)) return;
    store.set({ panes });
    trust.refresh();
  }

  function projectSettings(): void {
    const current = options.settings.current();
    store.set({
      // Gateways keep the domains they were started under until the next start.
      domains: sameGateways(settings, current) ? current.domains : settings.domains,
      rules: current.rules,
      resting: current.resting ?? [],
      notices: noticesOf(
        [...options.notices, ...strandedNotices(outbox.open(), settings)],
        settings,
        current,
        options.settings.problems(),
      ),
    });
  }

  /** What the guardian may ask for: the token of a gateway, or a secret of a pair. */
  function guardianSecret(id: string): Promise<string | null> {
    const name = vaultNameOf(id, settings.pairs);
    return name === null ? fleet.token(id) : options.vault.get(name);
  }

  /** Goes over to the gateways and pairs of the file where that can be done as the app runs; else a notice says so. */
  function follow(): void {
    const next = options.settings.current();
    if (sameGateways(settings, next) || !canFollow(settings, next)) return;
    const added = next.gateways.filter(({ id }) => !settings.gateways.some((old) => old.id === id));
    const before = store.get().panes;
    const changed = settings.gateways.filter(({ id }) => startChanged(settings, next, id));
    settings = next;
    for (const gateway of added) fleet.add(gateway);
    for (const { id } of changed) void fleet.restart(id);
    const panes = panesOf(next);
    for (const paneId of chats.keys())
      if (!panes.some((pane) => pane.id === paneId)) chats.delete(paneId);
    for (const pane of panes) {
      if (chats.has(pane.id)) continue;
      const earlier = before.find((old) => pane.memberIds.includes(old.activeGatewayId));
      // The person goes on in the session they were in.
      if (earlier !== undefined && earlier.sessionKey !== '')
        database.sessions.set(pane.id, earlier.sessionKey);
      makeChat(pane.id);
    }
    void pairs.apply(next).catch((error: unknown) => {
      logger.error('the pairs could not be followed', { error: errorText(error) });
    });
    const { ui } = store.get();
    store.set({ ui: { ...ui, focusedPaneId: focusAfter(before, ui.focusedPaneId, panes) } });
    for (const pane of panes) if (!before.some((old) => old.id === pane.id)) wake(pane.id);
  }

  function makeChat(paneId: string): void {
    chats.set(
      paneId,
      createPaneChat({
        paneId,
        active: () => active(paneId),
        sessions: database.sessions,
        changed: (change) => {
          projectPanes();
          feed.announce(paneId, change);
        },
        reason: (messageId) => database.routes.get(messageId)?.decision.because ?? null,
        runEnded: (runId, outcome, problem) => {
          outbox.runEnded(paneId, runId, outcome, problem);
        },
        newId: () => options.random.id(),
        clock,
        logger: logger.child('chat'),
      }),
    );
  }

  /** The pane's active gateway is ready, or another one is active: catches up, then lets messages go. */
  function wake(paneId: string): void {
    void chats
      .get(paneId)
      ?.refresh()
      .catch((error: unknown) => {
        logger.error('refresh failed', { error: errorText(error) });
      });
    void outbox.reconnected(paneId);
  }

  /** Another gateway speaks for a pane, or it is known at last which one does. */
  function pairsChanged(newlyDecided: ReadonlySet<string>): void {
    const before = store.get().panes;
    const news = roleChanges.learn(pairs.views());
    store.set({ pairs: pairs.views() });
    projectPanes();
    for (const pane of store.get().panes) {
      if (news.has(pane.pairId)) feed.announce(pane.id, { reset: false, upsert: [] });
      const previous = before.find((candidate) => candidate.id === pane.id)?.activeGatewayId;
      const decided = newlyDecided.has(pane.id);
      if (previous === pane.activeGatewayId && !decided) continue;
      // A pane that is new has nothing that was said before.
      if (previous !== undefined && previous !== pane.activeGatewayId && !decided)
        chats.get(pane.id)?.moved();
      feed.announce(pane.id, { reset: true, upsert: [] });
      wake(pane.id);
    }
  }

  fleet.onChange(projectGateways);
  fleet.onReady((gatewayId) => {
    pairs.refreshCredentials();
    for (const pane of store.get().panes) if (pane.activeGatewayId === gatewayId) wake(pane.id);
  });
  fleet.onEvent((gatewayId, event) => {
    const gateway = settings.gateways.find((candidate) => candidate.id === gatewayId);
    if (gateway === undefined) return;
    const admitted = gate.admit(gatewayId, gateway.domain, event); // invariant 2
    if (admitted === null) return;
    trust.admitted(gatewayId, admitted);
    for (const pane of store.get().panes)
      if (pane.activeGatewayId === gatewayId) chats.get(pane.id)?.admitted(admitted);
  });

  const pruned = database.outbox.pruneAnswered(clock.wallMs() - answeredKeptMs);
  if (!pruned.ok) logger.warn('answered messages not pruned', { error: pruned.error.message });
  lifetime.add(
    options.settings.onChange(() => {
      follow();
      projectSettings();
    }),
  );
  lifetime.add(async () => {
    gate.close();
    await trust.close();
  });
  store.set({ pairs: pairs.views() });
  projectSettings();
  for (const pane of panesOf(settings)) makeChat(pane.id);
  projectPanes();
  projectGateways();
  projectOutbox();
  const firstPane = store.get().panes[0]?.id ?? null;
  store.set({ ui: { ...store.get().ui, focusedPaneId: firstPane } });
  for (const item of outbox.open()) chats.get(item.paneId)?.sent(item);

  const route = (draft: Draft, carried: readonly string[]): RouteDecision =>
    decideRoute({
      text: draft.text,
      binding: draft.binding,
      context: { pane: store.get().ui.focusedPaneId },
      panes: store.get().panes,
      domains: store.get().domains,
      rules: store.get().rules,
      labels: carried,
      policy: options.policy,
    });
  const preview = (draft: Draft): RouteDecision => route(draft, labels.labelsOf(draft.text));
  const sendings = createSendings({
    gate: trust.sendGate,
    preview,
    openRoute: (draft) => route(draft, []),
    findPane,
    outbox,
    database,
    clock,
    logger,
    t,
  });
  const unpairedGateways = (): readonly string[] =>
    settings.gateways
      .map((gateway) => gateway.id)
      .filter((id) => !settings.pairs.some((pair) => pair.primary === id || pair.standby === id));
  const withPane = (paneId: string, run: (chat: PaneChat) => void): Result<null, AppError> => {
    const chat = chats.get(paneId);
    if (chat === undefined) return fail(appError('not-found', 'There is no such pane.'));
    run(chat);
    return ok(null);
  };
  return {
    state: store.get,
    onState: store.onChange,
    onPane: feed.onChange,
    onFailover: (listener) =>
      failovers.on(({ event, pair }) => {
        listener(event, pair);
      }),
    start: () => {
      trust.start();
      fleet.start();
      void pairs.attach().catch((error: unknown) => {
        logger.error('no guardian', { error: errorText(error) });
      });
    },
    stop: async ({ leaveRunning }) => {
      await pairs.detach({ leaveRunning });
      for (const error of await lifetime.stop())
        logger.error('stop failed', { error: errorText(error) });
      if (leaveRunning) {
        await Promise.all(
          unpairedGateways().map((gatewayId) => options.supervisor.stop(gatewayId)),
        );
        options.supervisor.release();
      } else await options.supervisor.stopAll();
      await options.settings.close();
      await options.trust.log.close();
      database.close();
    },
    pane: feed.whole,
    loadDraft: () => {
      const { text, binding, labels: kept } = database.drafts.load();
      for (const domain of kept) labels.remember(domain, text);
      return {
        text,
        binding: store.get().panes.some((pane) => pane.id === binding) ? binding : null,
      };
    },
    saveDraft: (draft) => database.drafts.save({ ...draft, labels: labels.labelsOf(draft.text) }),
    preview,
    send: sendings.send,
    retry: (id) => {
      const old = outbox.open().find((item) => item.id === id);
      const sent = outbox.retry(id);
      if (!sent.ok) return sent;
      if (old !== undefined && sent.value.id !== id) chats.get(old.paneId)?.withdrawn(old);
      return ok(null);
    },
    discard: (id) => {
      const item = outbox.open().find((candidate) => candidate.id === id);
      const discarded = outbox.discard(id);
      if (discarded.ok && item !== undefined) chats.get(item.paneId)?.withdrawn(item);
      return discarded;
    },
    focusPane: (paneId) =>
      withPane(paneId, () => {
        store.set({ ui: { ...store.get().ui, focusedPaneId: paneId } });
      }),
    setPaneMode: (paneMode) => {
      store.set({ ui: { ...store.get().ui, paneMode } });
    },
    openPanel: (panel) => {
      store.set({ ui: { ...store.get().ui, panel } });
    },
    selectSession: (paneId, key) => withPane(paneId, (chat) => void chat.select(key)),
    newSession: (paneId) => withPane(paneId, (chat) => void chat.create()),
    stopRun: (paneId) => withPane(paneId, (chat) => void chat.stop()),
    copied: (paneId, text) => {
      const pane = findPane(paneId);
      if (pane !== undefined) labels.remember(pane.domain, text);
    },
    reconnect: (gatewayId) => {
      trust.connectAgain(gatewayId);
      fleet.reconnect(gatewayId);
    },
    startGateway: fleet.startProcess,
    enterToken: fleet.enterToken,
    ...ruleEdits(options.settings),
    recentDecisions: () => options.trust.log.recent(decisionsShown),
    trust: { ...trust.control, confirmation: sendings.confirmation, confirm: sendings.confirm },
    agentCalls: trust.agentCalls,
    pairCommand: pairs.command,
    ...createPairCare(options, {
      views: pairs.views,
      command: pairs.command,
      waiting: (paneId) => outbox.open().filter((item) => item.paneId === paneId).length,
      nameOf,
      token: fleet.token,
      backupsChanged: (backups) => {
        store.set({ backups });
      },
    }),
  };
}
