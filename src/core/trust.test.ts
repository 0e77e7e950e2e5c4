import { describe, expect, test } from 'vitest';

import { createLogger, fail, ok, type Result } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import type { RequestOptions } from '../gateways/index.ts';
import { createTranslator, emptyAppState, emptyTrustView } from '../shared/index.ts';
import type { AppState, GatewayView, TrustView } from '../shared/index.ts';
import { createLabelMemory, defaultPolicyText, parsePolicy } from '../trust/index.ts';
import type { CrossingCall, PinnedIdentity } from '../trust/index.ts';
import { memoryAuditLog } from '../trust/testing/memory-audit-log.ts';
import type { ToolsClient } from './ports.ts';
import { createTrust } from './trust.ts';

const agent = { id: 'home', domain: 'personal' };
const toWork = { from: 'personal', to: 'work' };
const peer = { url: 'wss://acme.example', tlsFingerprint: null };
const question: CrossingCall = {
  action: 'ask_work',
  to: 'work',
  text: 'Is it at three?',
  purpose: '',
  answer: { type: 'yes-no' },
};

const gateway = (id: string, domain: string, kind: GatewayView['kind']): GatewayView => ({
  id,
  name: id,
  domain,
  kind,
  address: '',
  state: { phase: 'ready', sinceMs: 0, version: '1', scopes: [] },
});
const pane = (id: string, domain: string, activeGatewayId = id) => ({
  id,
  name: id,
  domain,
  memberIds: [id],
  activeGatewayId,
  pairId: null,
  sessionKey: '',
  running: false,
});

/** Trust over a fleet and files that are the test's. */
function rig(saved = { epoch: 0, edges: [] as (typeof toWork)[], tainted: [] as string[] }) {
  const clock = manualClock();
  const log = memoryAuditLog();
  const sent: { readonly gatewayId: string; readonly params: Record<string, unknown> }[] = [];
  let state: AppState = {
    ...emptyAppState,
    domains: [
      { id: 'personal', name: 'Personal', colour: 'teal' },
      { id: 'work', name: 'Work', colour: 'indigo' },
    ],
    gateways: [gateway('home', 'personal', 'managed'), gateway('acme', 'work', 'remote')],
    panes: [pane('home', 'personal'), pane('acme', 'work')],
  };
  let identities: readonly (PinnedIdentity & { readonly gatewayId: string })[] = [
    { gatewayId: 'home', domain: 'personal', pin: 'pin:home' },
    { gatewayId: 'acme', domain: 'work', pin: 'pin:acme' },
    { gatewayId: 'acme-2', domain: 'work', pin: 'pin:acme-2' },
  ];
  let view: Omit<TrustView, 'dropped'> = emptyTrustView;
  let ids = 0;
  let cut: (() => boolean) | null = null;
  const kept = {
    stored: saved,
    choices: { disconnected: ['gone'], tools: [] as readonly string[] },
  };
  const given: (readonly ToolsClient[])[] = [];
  const disconnected: string[] = [];
  const trust = createTrust({
    host: {
      log: {
        append: log.append,
        seal: log.seal,
        epoch: log.epoch,
        unfinished: log.unfinished,
        size: () => log.entries.length,
        record: () => ok(null),
        recent: () => [],
        close: () => Promise.resolve(),
      },
      store: {
        load: () => kept.stored,
        save: (next) => {
          kept.stored = { ...next, edges: [...next.edges], tainted: [...next.tainted] };
          return ok(null);
        },
      },
      choices: {
        load: () => kept.choices,
        save: (next) => {
          kept.choices = { disconnected: [...next.disconnected], tools: next.tools };
          return ok(null);
        },
      },
      digest: (text) => `#${text}`,
      verify: () => ({ ...emptyTrustView.audit, state: 'holds', records: 7 }),
      exportLog: () => fail('nothing is signed'),
      onCutRequest: (next) => {
        cut = next;
        return () => undefined;
      },
      agentTools: {
        state: () => ({ way: 'socket', problem: null }),
        give: (clients) => {
          given.push(clients);
          return ok(null);
        },
        text: () => ok('{}'),
        close: () => Promise.resolve(),
      },
      keyring: { kind: 'keyring', detail: 'a keychain' },
      places: (gateways) =>
        Promise.resolve(
          gateways.map(({ id }) => ({ gatewayId: id, place: 'same-user' as const, detail: '' })),
        ),
    },
    policy: parsePolicy(defaultPolicyText),
    domains: () => state.domains.map(({ id }) => id),
    state: () => state,
    active: (paneId) => {
      const id = state.panes.find((one) => one.id === paneId)?.activeGatewayId;
      return id === undefined
        ? null
        : { id, isReady: () => true, request: () => Promise.resolve(ok({})) };
    },
    fleet: {
      identities: () => identities,
      pinOf: (gatewayId) =>
        identities.find((identity) => identity.gatewayId === gatewayId)?.pin ?? null,
      disconnect: (gatewayId): Promise<Result<null, string>> => {
        disconnected.push(gatewayId);
        return Promise.resolve(fail('it may not'));
      },
      connection: (gatewayId) => ({
        gatewayId,
        state: () => ({ phase: 'ready', sinceMs: 0, version: '1', scopes: [] }),
        request: (_method, params, options?: Partial<RequestOptions>) => {
          if (options?.mayLeave?.(peer) === true)
            sent.push({ gatewayId, params: params as Record<string, unknown> });
          return Promise.resolve(ok({ runId: 'r' }));
        },
        onState: () => () => undefined,
        onEvent: () => () => undefined,
        onReady: () => () => undefined,
        start: () => undefined,
        stop: () => undefined,
        reconnectNow: () => undefined,
        credentialChanged: () => undefined,
      }),
    },
    changed: (next) => {
      view = next;
    },
    labels: createLabelMemory(),
    t: createTranslator('en'),
    clock,
    random: { unit: () => 0, id: () => `id${(ids += 1)}00000000` },
    logger: createLogger('test', () => 0, []),
  });
  trust.refresh();
  trust.start();
  const ask = () => trust.agentCalls.call(agent, question);
  return {
    trust,
    control: trust.control,
    clock,
    log,
    sent,
    kept,
    given,
    disconnected,
    ask,
    approve: () => trust.control.approve(view.asks[0]?.digest ?? ''),
    view: () => view,
    cut: () => cut?.() ?? false,
    change: (next: Partial<AppState>, pins = identities) => {
      state = { ...state, ...next };
      identities = pins;
      trust.refresh();
    },
  };
}

describe('trust in the app', () => {
  test('is where the store says it leads, and the state shows all that waits for a person', () => {
    const { control, ask, view, kept, approve, sent } = rig();
    expect(view()).toMatchObject({ edges: [], possible: [toWork], obstacle: null });
    expect(ask()).toEqual({ status: 'not-available' });
    control.allow(toWork);
    expect(kept.stored.edges).toEqual([toWork]);
    ask();
    expect(view().asks).toMatchObject([
      { gateway: 'acme', pin: 'pin:acme', text: expect.stringContaining('Is it at three?') },
    ]);
    const shown = view().asks[0]?.text;
    approve();
    expect(sent).toMatchObject([{ gatewayId: 'acme', params: { message: shown } }]);
    expect(view().asks).toEqual([]);
  });

  test('crosses into a session that is new after a cut', () => {
    const { control, ask, approve, sent } = rig();
    const sessions = () => sent.map(({ params }) => params['sessionKey']);
    control.allow(toWork);
    ask();
    approve();
    control.revoke();
    control.allow(toWork);
    ask();
    approve();
    expect(new Set(sessions()).size).toBe(2);
    for (const key of sessions()) expect(key).toMatch(/^agent:main:\w{8}$/u);
  });

  test('ends what rests on another gateway or key, not what a personal gateway does', () => {
    const { control, ask, view, change } = rig();
    control.allow(toWork);
    const terms = { calls: 1, bytesEach: 10, forMs: 60_000 };
    const begin = () => {
      ask();
      control.grant(toWork, 'ask_work', terms);
      expect([view().asks.length, view().grants.length]).toEqual([1, 1]);
    };
    begin();
    change({ panes: [pane('home', 'personal', 'home-2'), pane('acme', 'work')] });
    expect([view().asks.length, view().grants.length]).toEqual([1, 1]);
    change({ panes: [pane('home', 'personal'), pane('acme', 'work', 'acme-2')] });
    expect([view().asks.length, view().grants.length]).toEqual([0, 0]);
    begin();
    change({}, [{ gatewayId: 'acme-2', domain: 'work', pin: 'pin:new' }]);
    expect([view().asks.length, view().grants.length]).toEqual([0, 0]);
  });

  test('crosses nowhere while one key is in two domains, and says why', () => {
    const { control, ask, view, change } = rig();
    control.allow(toWork);
    change({}, [
      { gatewayId: 'home', domain: 'personal', pin: 'pin:one' },
      { gatewayId: 'acme', domain: 'work', pin: 'pin:one' },
    ]);
    expect(view().obstacle).toContain('pin:one');
    expect(ask()).toEqual({ status: 'not-available' });
  });

  test('is cut from outside, on disk', () => {
    const { control, view, cut, kept } = rig();
    control.allow(toWork);
    expect(cut()).toBe(true);
    expect(view()).toMatchObject({ edges: [], epoch: 1 });
    expect(kept.stored).toMatchObject({ edges: [], epoch: 1 });
  });

  test('shows a grant until it ends', () => {
    const { control, view, clock } = rig();
    control.allow(toWork);
    control.grant(toWork, 'ask_work', { calls: 3, bytesEach: 10, forMs: 60_000 });
    expect(view().grants).toMatchObject([{ callsLeft: 3, untilMs: clock.wallMs() + 60_000 }]);
    clock.advance(60_000);
    expect(view().grants).toEqual([]);
  });

  test('disconnects work for good, whatever work answers', async () => {
    const { control, trust, view, kept, disconnected } = rig();
    control.allow(toWork);
    expect((await control.disconnect('personal')).ok).toBe(false);
    const gone = await control.disconnect('work');
    expect(gone).toMatchObject({
      ok: true,
      value: { words: expect.stringContaining('it may not') },
    });
    expect(disconnected).toEqual(['acme']);
    expect(view()).toMatchObject({ edges: [], epoch: 1, disconnected: ['gone', 'acme'] });
    expect(kept.choices.disconnected).toEqual(['gone', 'acme']);
    expect(trust.isDisconnected('acme')).toBe(true);
    trust.connectAgain('acme');
    expect(kept.choices.disconnected).toEqual(['gone']);
  });

  test('gives tools to gateways that a person chose and that have somebody to ask', () => {
    const { control, given, view, kept } = rig();
    expect(control.setAgentTools('acme', true).ok).toBe(false);
    expect(given).toEqual([[]]); // at the start
    expect(control.setAgentTools('home', true).ok).toBe(true);
    expect(given.at(-1)).toEqual([{ gatewayId: 'home', domain: 'personal', to: ['work'] }]);
    expect(view().tools.gateways).toEqual([
      { gatewayId: 'home', given: true, how: 'config', to: ['work'] },
    ]);
    control.setAgentTools('home', false);
    expect(given.at(-1)).toEqual([]);
    expect(kept.choices.tools).toEqual([]);
  });

  test('measures the boundary and checks its log by itself', async () => {
    const { view, clock } = rig();
    await Promise.resolve();
    expect(view().boundary).toMatchObject({ strength: 'weak' });
    expect(view().audit.state).toBe('unchecked');
    clock.advance(60_000);
    expect(view().audit).toMatchObject({ state: 'holds', records: 7 });
  });
});
