import { emptyAppState, emptyTrustView } from '../../src/shared/index.ts';
import { nowMs, pair } from './pair-states.ts';
import type {
  AppState,
  ConnectionState,
  Diagnostics,
  Domain,
  GatewayView,
  OutboxItem,
  PaneChange,
  PaneHead,
  RouteDecision,
  TranscriptMessage,
  TrustDecision,
} from '../../src/shared/index.ts';

/** Canned states, as main would send them. */

export const personal: Domain = { id: 'personal', name: 'personal', colour: 'teal' };
export const work: Domain = { id: 'work', name: 'work', colour: 'indigo' };

const ready: ConnectionState = {
  phase: 'ready',
  sinceMs: nowMs,
  version: '2026.9.1',
  scopes: ['operator.read'],
};

export const connectionStates: readonly ConnectionState[] = [
  { phase: 'starting', sinceMs: nowMs, step: 'process' },
  { phase: 'starting', sinceMs: nowMs, step: 'warming' },
  { phase: 'pairing', sinceMs: nowMs, requestId: '7d1f0c2e' },
  { phase: 'pairing', sinceMs: nowMs, requestId: null },
  ...(
    ['token-missing', 'token-wrong', 'scopes', 'version', 'device', 'signed-out', 'other'] as const
  ).map(
    (reason) =>
      ({ phase: 'refused', sinceMs: nowMs, reason, detail: 'operator.write is missing' }) as const,
  ),
  { phase: 'draining', sinceMs: nowMs, restartExpected: true },
  { phase: 'draining', sinceMs: nowMs, restartExpected: false },
  ...(
    [
      'unreachable',
      'closed',
      'bad-url',
      'exited',
      'crash-loop',
      'config',
      'port-in-use',
      'no-runtime',
      'portal',
      'stopped',
    ] as const
  ).map(
    (reason) =>
      ({
        phase: 'offline',
        sinceMs: nowMs,
        reason,
        detail: 'ws://127.0.0.1:18789',
        retryAtMs: null,
      }) as const,
  ),
];

function gateway(id: string, name: string, domain: string, state: ConnectionState): GatewayView {
  return { id, name, domain, kind: 'managed', address: 'ws://127.0.0.1:18789', state };
}

export function outboxItem(id: string, state: OutboxItem['state'], paneId = 'home'): OutboxItem {
  return {
    id,
    paneId,
    domain: 'personal',
    sessionKey: 'main',
    text: 'Turn the heating down before we leave, and tell me what the tank says',
    because: { code: 'bound', name: 'Home' },
    state,
    gatewayId: 'home-1',
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    problem: state === 'failed' ? 'The gateway said: session is read-only.' : null,
  };
}

/** Two panes, a pair and three rules; everything ready. */
export const calm: AppState = {
  ...emptyAppState,
  revision: 1,
  domains: [personal, work],
  gateways: [
    gateway('home-1', 'Home primary', 'personal', ready),
    gateway('home-2', 'Home standby', 'personal', ready),
    gateway('cloud', 'Acme', 'work', ready),
  ],
  panes: [
    {
      id: 'home',
      name: 'Home',
      domain: 'personal',
      memberIds: ['home-1', 'home-2'],
      activeGatewayId: 'home-2',
      pairId: 'home',
      sessionKey: 'main',
      running: false,
    },
    {
      id: 'acme',
      name: 'Acme',
      domain: 'work',
      memberIds: ['cloud'],
      activeGatewayId: 'cloud',
      pairId: null,
      sessionKey: 'main',
      running: true,
    },
  ],
  pairs: [pair],
  rules: [
    {
      id: 'r1',
      name: 'Projects',
      enabled: true,
      when: { kind: 'contains', text: 'ATLAS' },
      then: 'work',
    },
    {
      id: 'r2',
      name: 'Tickets',
      enabled: true,
      when: { kind: 'regex', pattern: '\\b[A-Z]{2,5}-\\d+\\b' },
      then: 'work',
    },
    {
      id: 'r3',
      name: 'From the home pane',
      enabled: false,
      when: { kind: 'pane', pane: 'home' },
      then: 'personal',
    },
  ],
  ui: { paneMode: 'columns', focusedPaneId: 'home', panel: null },
  trust: emptyTrustView,
};

/** Everything that can ask for attention does. */
export const troubled: AppState = {
  ...calm,
  gateways: [
    calm.gateways[0]!,
    gateway('home-2', 'Home standby', 'personal', {
      phase: 'offline',
      sinceMs: nowMs,
      reason: 'unreachable',
      detail: 'ws://127.0.0.1:18790',
      retryAtMs: nowMs + 8000,
    }),
    gateway('cloud', 'Acme', 'work', { phase: 'pairing', sinceMs: nowMs, requestId: '7d1f0c2e' }),
  ],
  outbox: [
    outboxItem('m1', 'uncertain'),
    outboxItem('m2', 'failed'),
    outboxItem('m3', 'queued', 'acme'),
  ],
  notices: [
    { code: 'demo', severity: 'info', values: {} },
    {
      code: 'settings-error',
      severity: 'error',
      values: { line: 12, message: '“colour” is not one of teal, indigo.' },
    },
  ],
  trust: { ...emptyTrustView, dropped: { cloud: 4000, 'home-1': 0 } },
};

export function routeTo(paneId: 'home' | 'acme', matched = 'ATLAS'): RouteDecision {
  const toWork = paneId === 'acme';
  return {
    action: 'send',
    domain: toWork ? 'work' : 'personal',
    paneId,
    confidence: 1,
    pWork: toWork ? 1 : 0,
    via: 'rule',
    because: { code: 'rule', rule: 'Projects', number: 1, matched, condition: 'contains' },
    text: '',
  };
}

export const undecided: RouteDecision = {
  action: 'ask',
  domain: null,
  paneId: null,
  confidence: 0,
  pWork: 0.5,
  via: 'default',
  because: { code: 'nothing-decides' },
  text: '',
};

export const nothingTyped: RouteDecision = {
  ...undecided,
  action: 'stay',
  because: { code: 'empty' },
};

export const crossings: readonly TrustDecision[] = [
  {
    atMs: nowMs - 4000,
    principal: 'gateway:work',
    action: 'ui_command',
    resource: 'cloud',
    effect: 'deny',
    rule: 'line 11: * * * - deny',
    count: 1000,
    detail: 'events dropped: talk.*',
  },
  {
    atMs: nowMs - 60_000,
    principal: 'user',
    action: 'send',
    resource: 'session:work',
    effect: 'allow',
    rule: 'line 8: user send session:* - allow',
    count: 1,
    detail:
      'message 7b965817-efb3-404b-b0df-1b8a8a54781e, sha256 918192f8b6bc895737dbb3f399c1a848a9c265c9dfdfd7d290fc8b68c07d41fb, 37 characters',
  },
];

export const diagnostics: Diagnostics = {
  version: '0.1.0',
  electron: '33.2.1',
  chromium: '130.0.6723.137',
  node: '20.18.1',
  system: 'Linux 6.8 x64',
  home: '/home/ada/.config/switchyard',
  settingsFile: '/home/ada/.config/switchyard/settings.json',
  keyring: 'gnome-keyring',
  gatewayRuntime: 'Node 24.21.0, OpenClaw 2026.9.1',
  guardian: 'attached, pid 4312',
  updates: 'off: no feed is configured',
};

export const head: PaneHead = {
  paneId: 'home',
  name: 'Home',
  domain: personal,
  state: ready,
  sessionKey: 'main',
  sessions: [
    { key: 'main', title: 'Main', updatedAtMs: nowMs, running: false },
    { key: 'garden', title: 'Garden irrigation', updatedAtMs: nowMs - 86_400_000, running: true },
    {
      key: 'trip',
      title: 'Night train to Vienna, with bicycles',
      updatedAtMs: nowMs - 2 * 86_400_000,
      running: false,
    },
  ],
  runId: null,
  loading: false,
  continued: [],
};

export function message(
  id: string,
  role: TranscriptMessage['role'],
  text: string,
  part: Partial<TranscriptMessage> = {},
): TranscriptMessage {
  return { id, role, text, atMs: nowMs, status: 'done', runId: null, because: null, ...part };
}

export function conversation(
  messages: readonly TranscriptMessage[],
  part: Partial<PaneHead> = {},
): PaneChange {
  return { revision: 1, head: { ...head, ...part }, reset: messages };
}

const answer = `## Heating

The tank is at **61 °C**; the flow is lowered to *17 °C* until you are back.

1. Living room: 19 → 17 °C
2. Bath: unchanged, because \`keep_warm\` is set
3. See [the manual](https://example.org/heating/manual?chapter=4)

| room | before | now |
|---|---:|---:|
| Living room | 19 | 17 |
| Bath | 22 | 22 |

\`\`\`yaml
schedule:
  away: { from: 2026-10-12T10:00, flow: 17 }
\`\`\`

- [x] windows are closed
- [ ] water is off
`;

/** A conversation with every kind of message. */
export const sample: PaneChange = conversation([
  message('2', 'user', 'Is the heating on?', { atMs: nowMs - 90_000_000 }),
  message('3', 'assistant', 'Yes, since six.', { atMs: nowMs - 89_990_000 }),
  message('4', 'user', 'Turn it down before we leave, and tell me what the tank says', {
    atMs: nowMs - 60_000,
    because: { code: 'bound', name: 'Home' },
  }),
  message('5', 'tool', 'climate.set\n{ "flow": 17, "until": "return" }', { atMs: nowMs - 50_000 }),
  message('6', 'assistant', answer, { atMs: nowMs - 45_000 }),
  message('7', 'user', 'And the garden?', {
    atMs: nowMs - 20_000,
    because: {
      code: 'rule',
      rule: 'Home words',
      number: 3,
      matched: 'garden',
      condition: 'contains',
    },
  }),
  message('8', 'assistant', 'The valves open at', {
    atMs: nowMs - 10_000,
    status: 'streaming',
    runId: 'run-1',
  }),
]);

/** What a message might try. Nothing of it may load, run, navigate or take another element's place. */
export const hostile = [
  '<script>window.broken = 1</script>',
  '<img src=https://evil.example/a.png onerror="window.broken = 2">',
  '<iframe src=https://evil.example/></iframe>',
  '<svg onload="window.broken = 3"><use href="https://evil.example/s.svg#x"/></svg>',
  '<style>@import url(https://evil.example/s.css); * { display: none }</style>',
  '<link rel=stylesheet href=https://evil.example/s.css><base href=https://evil.example/><meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<a href="javascript:window.broken=4" id=root autofocus>click</a>',
  '![pixel](https://evil.example/pixel.png "title") ![data](data:image/svg+xml,<svg/>)',
  '[run](javascript:window.broken=5) [data](data:text/html,<script>1</script>) [file](file:///etc/passwd) [plain](http://evil.example/)',
  '[good](https://example.org/path?q=1) <https://auto.example/> www.bare.example',
  '[ref]: https://evil.example/ref "t"\n\n![by reference][ref]',
  'Note[^1]\n\n[^1]: footnote <img src=https://evil.example/f.png>',
  'long'.repeat(4000),
  '\u202Egnp.exe\u202C \u0000 \uFFFF',
].join('\n\n');
