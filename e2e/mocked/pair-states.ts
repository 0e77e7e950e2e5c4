import type {
  CheckDepth,
  DrillView,
  DutiesView,
  MemberCheck,
  MirrorView,
  PairSetupOptions,
  PairView,
  WorkspaceView,
} from '../../src/shared/index.ts';

/** Pairs as main would send them, and what their set-up begins with. */
export const nowMs = Date.UTC(2026, 9, 12, 9, 41);

function check(gatewayId: string, depth: CheckDepth, part: Partial<MemberCheck> = {}): MemberCheck {
  return {
    gatewayId,
    ok: true,
    depth,
    latencyMs: 3,
    atMs: nowMs - 1000,
    misses: 0,
    detail: '',
    ...part,
  };
}

export const pair: PairView = {
  id: 'home',
  name: 'Home',
  domain: 'personal',
  primaryId: 'home-1',
  standbyId: 'home-2',
  activeId: 'home-2',
  epoch: 2,
  cover: 'exposed',
  coverReason: 'Home primary has not come back since it stopped answering.',
  profile: 'default',
  lease: { kind: 'held' },
  register: { kind: 'lock', address: '', ok: true, detail: '' },
  nodes: [
    {
      gatewayId: 'home-1',
      local: true,
      role: 'fault',
      fence: 'plugin',
      detail: 'Its process is gone.',
    },
    { gatewayId: 'home-2', local: true, role: 'active', fence: 'plugin', detail: '' },
  ],
  dns: [],
  mirror: {
    state: 'away',
    conversations: 1,
    rows: 2,
    held: 118,
    behindMs: 41_000,
    detail: 'copy: no connection',
    inherited: true,
    conflicts: [],
  },
  workspace: null,
  duties: null,
  hold: false,
  preempt: 'The role stays where it is; no gateway is preferred.',
  busy: null,
  checks: [
    check('home-1', 'process', { ok: false, latencyMs: null, misses: 1, detail: 'it exited' }),
    check('home-1', 'rpc', {
      ok: false,
      latencyMs: null,
      atMs: nowMs - 3000,
      misses: 41,
      detail: 'connection refused',
    }),
    check('home-2', 'rpc', { latencyMs: 0.4 }),
    check('home-2', 'echo', { latencyMs: 11 }),
    check('home-2', 'turn', { latencyMs: 840, atMs: nowMs - 24_000 }),
  ],
  timeline: [
    { atMs: nowMs - 500_000, kind: 'attached', gatewayId: 'home-1', epoch: 1, reason: '' },
    {
      atMs: nowMs - 490_000,
      kind: 'warmed',
      gatewayId: 'home-2',
      epoch: 1,
      reason: 'probe answered in 1,840 ms',
    },
    {
      atMs: nowMs - 92_000,
      kind: 'missed',
      gatewayId: 'home-1',
      epoch: 1,
      reason: 'no answer within 500 ms',
    },
    {
      atMs: nowMs - 91_000,
      kind: 'takeover',
      gatewayId: 'home-2',
      epoch: 2,
      reason: 'Home primary missed 3 checks: connection refused',
    },
  ],
};

export const inStep: MirrorView = {
  state: 'in-step',
  conversations: 0,
  rows: 0,
  held: 1184,
  behindMs: null,
  detail: '',
  inherited: true,
  conflicts: [],
};

/** Files of which some are still to be copied, with everything that a person should know. */
export const workspace: WorkspaceView = {
  kind: 'sync',
  state: 'catching-up',
  carried: 40,
  total: 42,
  behindMs: 3000,
  detail: '',
  conflicts: ['MEMORY.home-2.conflict.md'],
  notCopied: [{ gatewayId: 'home-1', path: 'auth-profiles.json', because: 'it holds credentials' }],
  lacking: [{ gatewayId: 'home-2', agent: 'main', provider: 'openai', profile: 'default' }],
};

/** Jobs and channels, with everything that a person should know. */
export const duties: DutiesView = {
  state: 'in-step',
  runsOn: 'home-1',
  jobs: 3,
  interrupted: ['nightly report'],
  onlyOnStandby: ['old reminder'],
  channels: [
    {
      channel: 'telegram',
      runsOn: 'home-1',
      detail: 'another program answers with the same token',
    },
  ],
  problems: [],
  detail: '',
};

/** A drill in the middle of its way. */
export const drill: DrillView = {
  startedAtMs: nowMs - 9000,
  state: 'running',
  words: '',
  steps: [
    { what: 'Home standby answers a whole turn', state: 'passed', tookMs: 812, detail: 'answered' },
    {
      what: 'Home primary hands over to Home standby',
      state: 'passed',
      tookMs: 104,
      detail: '71 ms without an active one, epoch 18',
    },
    { what: 'Home standby answers a whole turn', state: 'running', tookMs: null, detail: '' },
    { what: 'Nothing was lost', state: 'waiting', tookMs: null, detail: '' },
  ],
};

/** A pair on two computers, with everything that a screen can show of one. */
export const distantPair: PairView = {
  ...pair,
  activeId: 'home-1',
  epoch: 17,
  cover: 'protected',
  coverReason: 'Home standby answered a whole turn 24 s ago.',
  mirror: inStep,
  lease: { kind: 'timed', leaseMs: 2000, remainingMs: 1430 },
  register: { kind: 'witness', address: '10.0.0.5:18971', ok: true, detail: '' },
  nodes: [
    { gatewayId: 'home-1', local: true, role: 'active', fence: 'plugin', detail: '' },
    { gatewayId: 'home-2', local: false, role: 'standby', fence: 'plugin', detail: '' },
  ],
  dns: [
    {
      provider: 'dnsmasq',
      name: 'gateway.home.lan',
      address: '10.0.0.11',
      epoch: 17,
      ok: true,
      ttlSeconds: 0,
      checkedAtMs: nowMs - 4000,
      detail: '',
    },
    {
      provider: 'cloudflare',
      name: 'gateway.example.org',
      address: '10.0.0.12',
      epoch: 16,
      ok: false,
      ttlSeconds: 60,
      checkedAtMs: nowMs - 9000,
      detail: 'the token was refused; make one that may edit this zone',
    },
  ],
  preempt:
    'Home primary is preferred: it gets the role back once it has been well for 60 s and is up to date.',
  checks: [
    check('home-1', 'process'),
    check('home-1', 'rpc', { latencyMs: 2 }),
    check('home-1', 'echo', { latencyMs: 9 }),
    check('home-1', 'turn', { latencyMs: 512, atMs: nowMs - 31_000 }),
    check('home-1', 'canary', { latencyMs: 1890, atMs: nowMs - 40_000 }),
    check('home-2', 'rpc', { latencyMs: 4 }),
    check('home-2', 'echo', { latencyMs: 14 }),
    check('home-2', 'turn', { latencyMs: 640, atMs: nowMs - 24_000 }),
  ],
};

export const setupOptions: PairSetupOptions = {
  candidates: [
    { id: 'den', name: 'Den', domain: 'personal', kind: 'managed', obstacle: null },
    {
      id: 'home-1',
      name: 'Home primary',
      domain: 'personal',
      kind: 'managed',
      obstacle: 'in the pair Home',
    },
    { id: 'lab', name: 'Lab', domain: 'work', kind: 'managed', obstacle: null },
    { id: 'attic', name: 'Attic', domain: 'personal', kind: 'remote', obstacle: null },
  ],
  takenNames: ['Den', 'Home primary', 'Lab', 'Attic', 'Home'],
  freePort: 19_149,
  addresses: ['10.0.0.11'],
  hasGit: false,
};
