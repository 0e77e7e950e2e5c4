import type { PairView } from '../index.ts';

/** A pair "home" as an app is shown it: all well, `home-a` active. */
export function pairView(change: Partial<PairView> = {}): PairView {
  const activeId = change.activeId ?? 'home-a';
  return {
    id: 'home',
    name: 'Home',
    domain: 'personal',
    primaryId: 'home-a',
    standbyId: 'home-b',
    activeId,
    epoch: 1,
    cover: 'protected',
    coverReason: 'The other one is warm and could take over now.',
    profile: 'default',
    lease: { kind: 'held' },
    register: { kind: 'lock', address: 'this computer', ok: true, detail: '' },
    nodes: ['home-a', 'home-b'].map((gatewayId) => ({
      gatewayId,
      local: true,
      role: gatewayId === activeId ? ('active' as const) : ('standby' as const),
      fence: 'plugin' as const,
      detail: '',
    })),
    dns: [],
    mirror: null,
    workspace: null,
    duties: null,
    hold: false,
    preempt: 'Nobody is preferred.',
    busy: null,
    checks: [],
    timeline: [],
    ...change,
  };
}
