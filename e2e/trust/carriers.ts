/** The ways by which a text of a work gateway can reach the app: what is sent for each, and which answers are changed. Pure. */
import type { WireAnswer } from './wire-proxy.ts';

export interface WireEvent {
  readonly event: string;
  readonly payload: unknown;
}

/** Where and when: names in it are new for each text. */
export interface CarrierPlace {
  readonly sessionKey: string;
  /** Unique for this text in this run. */
  readonly id: string;
  readonly atMs: number;
}

export interface Carrier {
  readonly name: string;
  /** The frames that carry one text. */
  readonly events: (text: string, place: CarrierPlace) => readonly WireEvent[];
  /** Answers of the gateway that carry texts, by method. */
  readonly answers?: (
    texts: readonly string[],
    place: CarrierPlace,
  ) => Readonly<Record<string, (answer: WireAnswer) => WireAnswer>>;
  /** Whether the app has to connect anew, to be told by the greeting. */
  readonly reconnects?: boolean;
  /** What else closes a connection with these words, before the next one. */
  readonly closesWith?: (text: string) => string;
}

type Fields = Readonly<Record<string, unknown>>;

const assistant = (
  { sessionKey, id, atMs }: CarrierPlace,
  content: unknown,
  more: Fields = {},
): WireEvent => ({
  event: 'session.message',
  payload: {
    sessionKey,
    agentId: 'main',
    messageId: id,
    message: { role: 'assistant', content, timestamp: atMs, __openclaw: { id }, ...more },
  },
});

const part = (text: string): readonly Fields[] => [{ type: 'text', text }];

/** A change of a good answer's payload. */
function payload(change: (payload: Fields) => Fields): (answer: WireAnswer) => WireAnswer {
  return (answer) =>
    answer.ok
      ? { ok: true, payload: change((answer.payload ?? {}) as Fields) }
      : { ok: false, error: answer.error };
}

const sessions = (
  texts: readonly string[],
  { sessionKey, atMs }: CarrierPlace,
  fields: (text: string) => Fields,
): Readonly<Record<string, (answer: WireAnswer) => WireAnswer>> => {
  const listed = texts.map((text, index) => ({
    key: `${sessionKey}-${index}`,
    kind: 'direct',
    agentId: 'main',
    updatedAt: atMs - index,
    ...fields(text),
  }));
  const change = payload((answer) => ({ ...answer, count: listed.length, sessions: listed }));
  return { 'sessions.list': change };
};

const changed = ({ sessionKey }: CarrierPlace, more: Fields = {}): WireEvent => ({
  event: 'sessions.changed',
  payload: { sessionKey, agentId: 'main', reason: 'patch', ...more },
});

/** The part of a text that looks like an address; else the text itself, as a path of one that does. */
function addressOf(text: string): string {
  const found = /[a-z][a-z0-9+.-]*:(?:\/\/)?[^\s"'<>)\]]+/iu.exec(text);
  return found?.[0] ?? `https://attack.example/?q=${encodeURIComponent(text.slice(0, 500))}`;
}

const approvals = [
  'exec.approval.requested',
  'plugin.approval.requested',
  'openclaw.approval.requested',
  'question.requested',
  'device.pair.requested',
  'node.pair.requested',
  'session.approval',
];
const notices = [
  'mentions.changed',
  'task.suggestion',
  'session.suggestion',
  'ui.command',
  'update.available',
  'progressCard.changed',
  'talk.event',
  'cron',
  'heartbeat',
];
const tools = ['agent', 'session.tool'];

export const carriers: readonly Carrier[] = [
  {
    name: 'reply',
    events: (text, place) => {
      const { sessionKey, id, atMs } = place;
      const run = { runId: `run-${id}`, sessionKey, agentId: 'main' };
      const message = { role: 'assistant', content: part(text), timestamp: atMs };
      return [
        { event: 'chat', payload: { ...run, seq: 1, state: 'delta', deltaText: text, message } },
        {
          event: 'chat',
          payload: { ...run, seq: 2, state: 'final', stopReason: 'stop', message },
        },
        assistant(place, part(text), { __openclaw: { id, runId: `run-${id}` } }),
      ];
    },
  },
  {
    name: 'title',
    events: (text, place) => [
      { event: 'session.observer', payload: { sessionKey: place.sessionKey, title: text } },
      { event: 'chat.metadata.changed', payload: { sessionKey: place.sessionKey, title: text } },
      { event: 'portal.changed', payload: { name: text, title: text } },
      assistant(
        place,
        part(`# ${text}\n\n${text}\n===\n\n[x]: https://a.example "${text}"\n\n[x]`),
        {
          title: text,
        },
      ),
      changed(place, { title: text, label: text }),
    ],
    answers: (texts, place) =>
      sessions(texts, place, (text) => ({ displayName: text, title: text, subject: text })),
  },
  {
    name: 'file name',
    events: (text, place) => [
      assistant(place, [
        { type: 'text', text: `[${text}](${text})\n\nMEDIA:${text}\n\n![${text}](<${text}>)` },
        { type: 'file', name: text, fileName: text, path: text, filename: text },
        { type: 'image', name: text, path: text, mimeType: 'image/png', data: 'AA==' },
      ]),
      {
        event: 'session.tool',
        payload: {
          sessionKey: place.sessionKey,
          runId: `run-${place.id}`,
          stream: 'tool',
          data: { phase: 'result', name: 'write', toolCallId: place.id, path: text, file: text },
        },
      },
    ],
  },
  {
    name: 'error',
    events: (text, { sessionKey, id }) => [
      {
        event: 'chat',
        payload: {
          runId: `run-${id}`,
          sessionKey,
          agentId: 'main',
          seq: 1,
          state: 'error',
          errorMessage: text,
          errorKind: text.slice(0, 60),
        },
      },
    ],
    answers: (texts) => {
      let told = 0;
      const refuse = (): WireAnswer => ({
        ok: false,
        error: {
          code: 'INVALID_REQUEST',
          message: texts[(told += 1) % texts.length],
          details: {
            code: texts[0],
            url: addressOf(texts[0] ?? ''),
            recommendedNextStep: 'retry_with_device_token',
          },
          retryable: true,
        },
      });
      return { 'sessions.list': refuse };
    },
    closesWith: (text) => text,
  },
  {
    name: 'approval text',
    events: (text, { sessionKey, id }) =>
      approvals.map((event) => ({
        event,
        payload: {
          id,
          sessionKey,
          requestId: id,
          approvalId: id,
          title: text,
          description: text,
          command: text,
          commandArgv: [text],
          question: text,
          options: [text],
          displayName: text,
          request: { command: text, cwd: text, host: 'gateway', sessionKey, ask: 'off' },
          decision: 'allow-always',
          expiresAtMs: Date.now() + 600_000,
        },
      })),
  },
  {
    name: 'snapshot',
    events: (text) => [
      { event: 'presence', payload: { presence: [{ host: text, text, reason: text }] } },
      {
        event: 'health',
        payload: { ok: true, channels: { [text]: { text } }, agents: [{ name: text }] },
      },
      { event: 'models.snapshot', payload: { models: [{ id: text, name: text }] } },
      { event: 'users.prefs.changed', payload: { prefs: { [text]: text } } },
    ],
    answers: (texts, place) => ({
      'chat.history': payload((answer) => ({
        ...answer,
        messages: texts.map((text, index) => ({
          role: 'assistant',
          content: part(text),
          timestamp: place.atMs + index,
          __openclaw: { id: `${place.id}-${index}`, seq: index + 1 },
        })),
        inFlightRun: { runId: `run-${place.id}`, text: texts[0] },
        sessionInfo: { key: place.sessionKey, label: texts[0], hasActiveRun: true },
      })),
      connect: payload((answer) => ({
        ...answer,
        snapshot: {
          ...((answer['snapshot'] ?? {}) as Fields),
          presence: texts.map((text) => ({ host: text, text })),
          updateAvailable: { latestVersion: texts[0], url: addressOf(texts[0] ?? '') },
          configPath: texts[0],
          controlUiUrl: addressOf(texts[0] ?? ''),
        },
        server: { ...((answer['server'] ?? {}) as Fields), version: texts[0], host: texts[0] },
        pluginSurfaceUrls: Object.fromEntries(texts.map((text) => [text, addressOf(text)])),
        canvasHostUrl: addressOf(texts[0] ?? ''),
      })),
    }),
    reconnects: true,
  },
  {
    name: 'tool event',
    events: (text, place) => {
      const { sessionKey, id } = place;
      const of = (data: Fields): Fields => ({
        sessionKey,
        runId: `run-${id}`,
        stream: 'tool',
        data: { toolCallId: id, ...data },
      });
      return [
        ...tools.flatMap((event) => [
          {
            event,
            payload: of({ phase: 'start', name: text, args: { command: text, url: text } }),
          },
          { event, payload: of({ phase: 'update', name: 'exec', partialResult: text }) },
          { event, payload: of({ phase: 'result', name: text, result: text, meta: text }) },
        ]),
        { event: 'node.invoke.request', payload: { id, command: text, params: { argv: [text] } } },
        { event: 'terminal.data', payload: { id, data: text } },
        {
          event: 'session.message',
          payload: {
            sessionKey,
            messageId: `${id}-tool`,
            message: {
              role: 'toolResult',
              content: part(text),
              timestamp: place.atMs,
              toolName: text,
              __openclaw: { id: `${id}-tool` },
            },
          },
        },
      ];
    },
  },
  {
    name: 'link',
    events: (text, place) => {
      const address = addressOf(text);
      const md = [
        `[${text}](${address})`,
        `![${text}](${address} "${text}")`,
        `<${address}>`,
        address,
        `[r][1]\n\n[1]: ${address} "${text}"`,
        `<a href="${address}" onclick="${text}">x</a><img src="${address}"><link rel=prefetch href="${address}">`,
        `[${text}](${text})`,
      ].join('\n\n');
      return [assistant(place, part(md), { url: address, href: address, links: [address] })];
    },
  },
  {
    name: 'attachment',
    events: (text, place) => {
      const html = Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" onload="${text}"><script>${text}</script><image href="${addressOf(text)}"/></svg>`,
      ).toString('base64');
      return [
        assistant(
          place,
          [
            { type: 'text', text: `![a](data:image/svg+xml;base64,${html})` },
            { type: 'image', mimeType: 'image/svg+xml', data: html, url: addressOf(text) },
            { type: 'image_url', image_url: { url: `data:text/html;base64,${html}` } },
            { type: 'file', fileName: 'a.html', mimeType: 'text/html', content: html, text },
            { type: 'resource_link', uri: addressOf(text), name: text },
            { type: 'audio', url: addressOf(text), autoplay: true },
          ],
          {
            attachments: [{ name: text, url: addressOf(text), data: html }],
            mediaUrls: [addressOf(text)],
          },
        ),
      ];
    },
  },
  {
    name: 'notification',
    events: (text, place) => [
      ...notices.map((event) => ({
        event,
        payload: {
          sessionKey: place.sessionKey,
          kind: 'notify',
          command: 'notify',
          title: text,
          body: text,
          message: text,
          url: addressOf(text),
          version: text,
        },
      })),
      assistant(place, part(`@you ${text}`), { notify: true, mention: true }),
    ],
  },
  {
    name: 'session title',
    events: (text, place) => [changed(place, { session: { key: place.sessionKey, label: text } })],
    answers: (texts, place) =>
      sessions(texts, place, (text) => ({
        label: text,
        derivedTitle: text,
        lastMessagePreview: text,
      })),
  },
];
