import { describe, expect, test } from 'vitest';

import { createTranslator, emptyAppState } from '../../shared/index.ts';
import type { AppState, ConnectionState, NodeRole, PairView } from '../../shared/index.ts';
import { pairView } from '../../shared/testing/pair-view.ts';
import { describeTray } from './describe-tray.ts';

const ready: ConnectionState = { phase: 'ready', sinceMs: 0, version: '2026.9.6', scopes: [] };
const offline: ConnectionState = {
  phase: 'offline',
  sinceMs: 0,
  reason: 'closed',
  detail: '',
  retryAtMs: null,
};
const starting: ConnectionState = { phase: 'starting', sinceMs: 0, step: 'process' };
const refused: ConnectionState = {
  phase: 'refused',
  sinceMs: 0,
  reason: 'token-wrong',
  detail: '',
};

function state(
  primary: ConnectionState,
  standby: ConnectionState,
  work: ConnectionState,
  activeId = 'a',
  change: Partial<PairView> = {},
): AppState {
  const gateway = (id: string, name: string, domain: string, connection: ConnectionState) =>
    ({ id, name, domain, kind: 'managed', address: '', state: connection }) as const;
  const pane = (
    id: string,
    memberIds: string[],
    activeGatewayId: string,
    pairId: string | null,
  ) => ({
    id,
    name: id,
    domain: 'personal',
    memberIds,
    activeGatewayId,
    pairId,
    sessionKey: '',
    running: false,
  });
  return {
    ...emptyAppState,
    gateways: [
      gateway('a', 'Home', 'personal', primary),
      gateway('b', 'Standby', 'personal', standby),
      gateway('w', 'Acme', 'work', work),
    ],
    panes: [pane('home', ['a', 'b'], activeId, 'home'), pane('w', ['w'], 'w', null)],
    pairs: [pairView({ primaryId: 'a', standbyId: 'b', activeId, nodes: [], ...change })],
  };
}

const icon = (given: AppState): string => describeTray(given, createTranslator('en'), 0).icon;

describe('the tray tells the worst thing that is true', () => {
  test('all ready', () => {
    expect(icon(state(ready, ready, ready))).toBe('ok');
  });
  test('a dead standby is not offline: nobody talks to it', () => {
    expect(icon(state(ready, offline, ready))).toBe('ok');
  });
  test('a pair on its standby', () => {
    const moved = describeTray(state(offline, ready, ready, 'b'), createTranslator('en'), 0);
    expect(moved).toMatchObject({ icon: 'failover', tooltip: 'Switchyard: Home runs on Standby' });
  });
  test('an offline active gateway beats everything', () => {
    expect(icon(state(offline, ready, refused))).toBe('offline');
    expect(icon(state(ready, offline, ready, 'b'))).toBe('offline');
  });
  test('what waits for a person or is starting asks for attention', () => {
    expect(icon(state(ready, ready, refused))).toBe('attention');
    expect(icon(state(starting, ready, ready))).toBe('attention');
  });
  test('a pair for which nobody acts is as bad as an offline gateway', () => {
    const node = (gatewayId: string, role: NodeRole) =>
      ({ gatewayId, local: true, role, fence: 'plugin', detail: 'its lease ended' }) as const;
    const nodes = [node('a', 'fenced'), node('b', 'standby')];
    expect(icon(state(ready, ready, ready, 'a', { nodes }))).toBe('offline');
    const acting = [node('a', 'active'), node('b', 'standby')];
    expect(icon(state(ready, ready, ready, 'a', { nodes: acting }))).toBe('ok');
  });
  test('a pair that nothing covers, or whose name is astray, asks for attention', () => {
    const exposed = state(ready, ready, ready, 'a', { cover: 'exposed' });
    expect(describeTray(exposed, createTranslator('en'), 0)).toMatchObject({
      icon: 'attention',
      tooltip: 'Switchyard: Home is not covered',
    });
    const astray = {
      provider: 'dnsmasq',
      name: 'gw.home.lan',
      address: '10.0.0.1',
      epoch: 1,
      ok: false,
      ttlSeconds: 0,
      checkedAtMs: 0,
      detail: 'it still says 10.0.0.1',
    } as const;
    expect(icon(state(ready, ready, ready, 'a', { dns: [astray] }))).toBe('attention');
  });
  test('the menu says of a pair where it runs, how it is covered and whether it is held', () => {
    const held = describeTray(
      state(ready, ready, ready, 'a', { hold: true }),
      createTranslator('en'),
      0,
    );
    expect(held.lines.at(-1)).toBe('Home: on Home, protected, held');
  });
});
