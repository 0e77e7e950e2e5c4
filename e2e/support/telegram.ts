/**
 * Telegram's Bot API on loopback, as far as a gateway uses it: one bot, one queue of updates, one poller at a time.
 *
 * Invariants
 * 1. An update stays in the queue until a poll asks for a later one (`offset`), as at Telegram: what was handed out and not
 *    confirmed is handed out again.
 * 2. At most one poll waits. A second one ends the first with 409, and that is counted.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SentMessage {
  /** Who sent it: the label of `apiRootFor`; empty without one. */
  readonly who: string;
  readonly chatId: number;
  readonly messageId: number;
  /** As it was sent; an edit replaces it. */
  readonly text: string;
  readonly atMs: number;
}

export interface PollCall {
  readonly who: string;
  readonly offset: number | null;
  readonly timeoutSeconds: number;
  readonly atMs: number;
}

export interface Telegram {
  /** For `channels.telegram.apiRoot`. */
  readonly apiRoot: string;
  /** The same bot under an address of its own, so that a test can say which gateway called. */
  apiRootFor(who: string): string;
  /** For `channels.telegram.botToken`. */
  readonly token: string;
  /** A person writes to the bot; gives the update's id. */
  push(text: string, from?: number): number;
  readonly sent: readonly SentMessage[];
  readonly getUpdatesCalls: readonly PollCall[];
  /** Every call by name, in order: `getMe`, `deleteWebhook`, … */
  readonly methods: readonly string[];
  /** How often a poll was ended because another one came. */
  readonly conflicts: number;
  /** Updates that nobody confirmed yet, by id. */
  readonly pending: readonly number[];
  /** Who waits in a poll now; null: nobody. */
  readonly polling: string | null;
  /** Resolves with the first message, past or future, that fits. */
  waitForSent(fits: (message: SentMessage) => boolean): Promise<SentMessage>;
  close(): Promise<void>;
}

interface Update {
  readonly update_id: number;
  readonly message: object;
}

interface Poll {
  readonly who: string;
  end(status: number, body: object): void;
  /** Answers with what is there, if anything is. */
  look(): void;
}

interface Message {
  readonly message_id: number;
  readonly [field: string]: unknown;
}

type Params = Readonly<Record<string, unknown>>;

const botId = 123_456;
const conflict = {
  ok: false,
  error_code: 409,
  description:
    'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
};
/** Above it the real one waits no longer either. */
const longestPollSeconds = 50;

/** Starts a Bot API with one bot; everything a person writes comes from chat `from` (42 unless told). */
export async function startTelegram(): Promise<Telegram> {
  const token = `${botId}:AA-switchyard-double-0000000000000000`;
  const sent: SentMessage[] = [];
  const calls: PollCall[] = [];
  const methods: string[] = [];
  const waiting = new Set<(message: SentMessage) => void>();
  let updates: readonly Update[] = [];
  let poll: Poll | null = null;
  let conflicts = 0;
  let nextUpdate = 1_001;
  let nextMessage = 1;

  const message = (chatId: number, from: object, text: string): Message => {
    const id = nextMessage;
    nextMessage += 1;
    return {
      message_id: id,
      date: Math.floor(Date.now() / 1_000),
      chat: { id: chatId, type: 'private', first_name: 'Person' },
      from,
      text,
    };
  };
  const bot = { id: botId, is_bot: true, first_name: 'Double', username: 'switchyard_double_bot' };

  const getUpdates = (who: string, params: Params, response: ServerResponse): void => {
    const offset = params['offset'] === undefined ? null : Number(params['offset']);
    const limit = Math.min(100, Number(params['limit'] ?? 100));
    const timeoutSeconds = Math.min(longestPollSeconds, Number(params['timeout'] ?? 0));
    calls.push({ who, offset, timeoutSeconds, atMs: Date.now() });
    if (poll !== null) {
      conflicts += 1;
      poll.end(409, conflict);
    }
    if (offset !== null && offset < 0) updates = updates.slice(offset);
    else if (offset !== null) updates = updates.filter((update) => update.update_id >= offset);

    const mine: Poll = {
      who,
      end: (status, body) => {
        clearTimeout(timer);
        if (poll === mine) poll = null;
        sendJson(response, status, body);
      },
      look: () => {
        if (updates.length > 0) mine.end(200, { ok: true, result: updates.slice(0, limit) });
      },
    };
    const timer = setTimeout(() => mine.end(200, { ok: true, result: [] }), timeoutSeconds * 1_000);
    poll = mine;
    response.on('close', () => {
      clearTimeout(timer);
      if (poll === mine) poll = null; // the poller hung up
    });
    mine.look();
  };

  const send = (who: string, params: Params, text: string): object => {
    const chatId = Number(params['chat_id']);
    const made = message(chatId, bot, text);
    const one = { who, chatId, messageId: made.message_id, text, atMs: Date.now() };
    sent.push(one);
    for (const look of [...waiting]) look(one);
    return made;
  };

  const edit = (params: Params): object | null => {
    const at = sent.findIndex(
      ({ chatId, messageId }) =>
        chatId === Number(params['chat_id']) && messageId === Number(params['message_id']),
    );
    const present = sent[at];
    if (present === undefined) return null;
    const edited = { ...present, text: textOf(params) };
    sent[at] = edited;
    for (const look of [...waiting]) look(edited);
    return { ...message(edited.chatId, bot, edited.text), message_id: edited.messageId };
  };

  /** What a method gives back; undefined: there is no such method, null: it does not fit. */
  const answer = (who: string, method: string, params: Params): unknown => {
    switch (method) {
      case 'getMe':
        return {
          ...bot,
          can_join_groups: true,
          can_read_all_group_messages: false,
          supports_inline_queries: false,
        };
      case 'sendMessage':
        return send(who, params, textOf(params));
      case 'sendPhoto':
      case 'sendDocument':
      case 'sendVoice':
      case 'sendAudio':
      case 'sendVideo':
        return send(who, params, `[${method}] ${textOf(params)}`);
      case 'editMessageText':
        return edit(params);
      case 'getWebhookInfo':
        return { url: '', has_custom_certificate: false, pending_update_count: updates.length };
      case 'getMyCommands':
        return [];
      case 'getChat':
        return { id: Number(params['chat_id']), type: 'private', first_name: 'Person' };
      case 'deleteWebhook':
      case 'deleteMyCommands':
      case 'setMyCommands':
      case 'setMyDescription':
      case 'setMyShortDescription':
      case 'sendChatAction':
      case 'sendMessageDraft':
      case 'setMessageReaction':
      case 'answerCallbackQuery':
      case 'editMessageReplyMarkup':
      case 'deleteMessage':
        return true;
      default:
        return undefined;
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://telegram');
    const route = /^(?:\/([\w-]+))?\/bot([^/]+)\/(\w+)$/u.exec(url.pathname);
    const params = { ...Object.fromEntries(url.searchParams), ...(await bodyOf(request)) };
    if (route === null || route[2] !== token) {
      const code = route === null ? 404 : 401;
      const description = route === null ? 'Not Found' : 'Unauthorized';
      sendJson(response, code, { ok: false, error_code: code, description });
      return;
    }
    const [, who = '', , method = ''] = route;
    methods.push(method);
    if (method === 'getUpdates') {
      getUpdates(who, params, response);
      return;
    }
    const result = answer(who, method, params);
    if (result === undefined)
      sendJson(response, 404, { ok: false, error_code: 404, description: 'Not Found' });
    else if (result === null)
      sendJson(response, 400, {
        ok: false,
        error_code: 400,
        description: 'Bad Request: message to edit not found',
      });
    else sendJson(response, 200, { ok: true, result });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    apiRoot,
    apiRootFor: (who) => `${apiRoot}/${who}`,
    token,
    push: (text, from = 42) => {
      const id = nextUpdate;
      nextUpdate += 1;
      const person = { id: from, is_bot: false, first_name: 'Person' };
      updates = [...updates, { update_id: id, message: message(from, person, text) }];
      poll?.look();
      return id;
    },
    sent,
    getUpdatesCalls: calls,
    methods,
    get conflicts() {
      return conflicts;
    },
    get pending() {
      return updates.map((update) => update.update_id);
    },
    get polling() {
      return poll?.who ?? null;
    },
    waitForSent: (fits) => {
      const present = sent.find(fits);
      if (present !== undefined) return Promise.resolve(present);
      return new Promise((resolve) => {
        const look = (one: SentMessage): void => {
          if (!fits(one)) return;
          waiting.delete(look);
          resolve(one);
        };
        waiting.add(look);
      });
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function textOf(params: Params): string {
  const text = params['text'] ?? params['caption'];
  return typeof text === 'string' ? text : '';
}

/** JSON or a form; files of a multipart form are not looked at. */
async function bodyOf(request: IncomingMessage): Promise<Params> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString('utf8');
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return JSON.parse(body === '' ? '{}' : body) as Params;
  if (!type.startsWith('multipart/')) return Object.fromEntries(new URLSearchParams(body));
  const fields = body.matchAll(/name="(\w+)"\r\n(?:[\w-]+: [^\r]+\r\n)*\r\n([^\r]*)\r\n/gu);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]));
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
