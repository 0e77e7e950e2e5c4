/**
 * One pane's conversation: its sessions, the one that is shown, and its transcript, kept in step with whichever gateway
 * speaks for the pane.
 *
 * Invariants
 * 1. Only what concerns the shown session changes the transcript; only the active gateway is listened to (the caller's part).
 * 2. An answer to a question asked before the session (`generation`) or the gateway (`era`) changed is thrown away.
 * 3. A change of the active gateway keeps what is on the screen; nothing moves between panes.
 */
import type { Clock, Logger } from '../base/index.ts';
import type { Because, OutboxItem, SessionSummary, TranscriptMessage } from '../shared/index.ts';
import type { PaneSessionStore } from '../store/index.ts';
import type { AdmittedEvent } from '../trust/index.ts';
import { notInherited, promptFromMemory } from './from-memory.ts';
import type { ChatGateway } from './ports.ts';
import {
  historyLimit,
  ownKey,
  reachOf,
  readHistory,
  readSessions,
  sessionLimit,
  sessionName,
} from './rows.ts';
import { emptyTranscript, reduceTranscript, rowsOf, transcriptChange } from './transcript.ts';
import type { DurableMessage, Transcript, TranscriptInput } from './transcript.ts';

export interface PaneChatState {
  readonly sessionKey: string;
  readonly sessions: readonly SessionSummary[];
  readonly runId: string | null;
  readonly loading: boolean;
  readonly messages: readonly TranscriptMessage[];
  /** How many messages of before the active gateway was told of, because it did not have them. */
  readonly told: number;
}

export interface PaneChatChange {
  readonly reset: boolean;
  readonly upsert: readonly TranscriptMessage[];
}

export interface PaneChat {
  state(): PaneChatState;
  /** The active gateway is ready: subscribes and fetches what was missed. */
  refresh(): Promise<void>;
  /** Another gateway speaks for the pane from now on. */
  moved(): void;
  admitted(event: AdmittedEvent): void;
  select(sessionKey: string): Promise<void>;
  create(): Promise<void>;
  /** Stops the answer that is running; what has come so far stays. */
  stop(): Promise<void>;
  /** A message of ours belongs to the shown conversation from the moment it is taken. */
  sent(item: OutboxItem): void;
  /** A message of ours was given up. One that the gateway has is in the conversation, and stays. */
  withdrawn(item: OutboxItem): void;
  /** A message of ours waits no longer. */
  putAway(item: OutboxItem): void;
  /**
   * What the active gateway lacks of the shown conversation, to be told with the first message since it speaks for the pane
   * (`item`); null where there is nothing to ask or to tell. `open`: ids of messages that have no answer yet; they are to be
   * said, not told of.
   */
  memoryFor(
    item: OutboxItem,
    gateway: ChatGateway,
    open: ReadonlySet<string>,
  ): Promise<string | null> | null;
}

export interface PaneChatOptions {
  readonly paneId: string;
  readonly active: () => ChatGateway | null;
  readonly sessions: PaneSessionStore;
  readonly changed: (change: PaneChatChange) => void;
  /** The reason kept with a message of ours. */
  readonly reason: (messageId: string) => Because | null;
  readonly runEnded: (
    runId: string,
    outcome: 'done' | 'error' | 'stopped',
    problem: string,
  ) => void;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const firstSession = 'agent:main:main';
const rememberedKeys = 200;

/** Adds to a set that forgets its oldest members. */
function remember(keys: Set<string>, key: string): void {
  keys.add(key);
  if (keys.size > rememberedKeys) keys.delete(keys.values().next().value ?? key);
}

/** Makes the chat of a pane, at the session that was shown last. */
export function createPaneChat(options: PaneChatOptions): PaneChat {
  const { clock, logger } = options;
  let sessionKey = options.sessions.get(options.paneId) ?? firstSession;
  let sessions: readonly SessionSummary[] = [];
  let transcript: Transcript = emptyTranscript;
  /** Keys of our messages that this gateway recorded, that it had already, and that joined a run of another message. */
  const recordedKeys = new Set<string>();
  const inheritedKeys = new Set<string>();
  const joinedKeys = new Set<string>();
  /** The message with which this gateway is told what it lacks, and how much that is. */
  let teller: { readonly id: string; readonly count: number } | null = null;
  let loading = false;
  let generation = 0;
  let era = 0;
  let listing = false;

  const apply = (input: TranscriptInput): void => {
    const next = reduceTranscript(transcript, input);
    if (next === transcript) return;
    const change = transcriptChange(transcript, next);
    transcript = next;
    options.changed(change);
  };
  const headChanged = (): void => {
    options.changed({ reset: false, upsert: [] });
  };
  const ask = async (gateway: ChatGateway, method: string, params: unknown): Promise<unknown> => {
    const reply = await gateway.request(method, params);
    if (!reply.ok) logger.warn('gateway did not answer', { method, code: reply.error.code });
    return reply.ok ? reply.value : undefined;
  };

  const withReason = (message: DurableMessage): DurableMessage =>
    message.idempotencyKey === null
      ? message
      : { ...message, because: options.reason(message.idempotencyKey) };

  const load = async (gateway: ChatGateway): Promise<void> => {
    const mine = ++generation;
    loading = true;
    headChanged();
    await ask(gateway, 'sessions.messages.subscribe', { key: sessionKey });
    if (mine !== generation) return; // invariant 2
    const answer = await ask(gateway, 'chat.history', { sessionKey, limit: historyLimit });
    if (mine !== generation) return; // invariant 2
    loading = false;
    if (answer === undefined) headChanged();
    else {
      const { messages, inFlight } = readHistory(answer);
      for (const { idempotencyKey } of messages)
        if (idempotencyKey !== null) remember(inheritedKeys, idempotencyKey);
      apply({
        kind: 'history',
        messages: messages.map(withReason),
        inFlight,
        atMs: clock.wallMs(),
      });
      headChanged();
    }
  };
  const listSessions = async (gateway: ChatGateway): Promise<void> => {
    if (listing) return;
    listing = true;
    const mine = era;
    const answer = await ask(gateway, 'sessions.list', { limit: sessionLimit });
    if (mine !== era) return; // invariant 2
    listing = false;
    if (answer === undefined) return;
    sessions = readSessions(answer);
    headChanged();
  };
  const recall = async (
    item: OutboxItem,
    gateway: ChatGateway,
    open: ReadonlySet<string>,
  ): Promise<string | null> => {
    const mine = era;
    const answer = await ask(gateway, 'chat.history', { sessionKey, limit: historyLimit });
    const reach = reachOf(answer);
    if (mine !== era || item.sessionKey !== sessionKey || reach === undefined) return null; // invariant 2
    const { messages, carried } = transcript;
    const known = rowsOf(readHistory(answer).messages).rows;
    const lacking = notInherited(messages, carried, known, reach).filter(({ id }) => !open.has(id));
    const memory = promptFromMemory(lacking);
    teller = { id: item.id, count: memory?.count ?? 0 };
    headChanged();
    return memory?.text ?? null;
  };
  const show = async (key: string): Promise<void> => {
    if (key === sessionKey) return;
    const gateway = options.active();
    const before = sessionKey;
    sessionKey = key;
    transcript = emptyTranscript;
    teller = null;
    generation += 1;
    loading = false;
    const stored = options.sessions.set(options.paneId, key);
    if (!stored.ok) logger.warn('session not remembered', { error: stored.error.message });
    options.changed({ reset: true, upsert: [] });
    if (gateway?.isReady() !== true) return;
    await Promise.all([
      ask(gateway, 'sessions.messages.unsubscribe', { key: before }),
      load(gateway),
    ]);
  };

  return {
    state: () => ({
      sessionKey,
      // A session that was just begun is not in the gateway's list until its first message.
      sessions: sessions.some((session) => session.key === sessionKey)
        ? sessions
        : [
            { key: sessionKey, title: sessionName(sessionKey), updatedAtMs: 0, running: false },
            ...sessions,
          ],
      runId: transcript.runId,
      loading,
      messages: transcript.messages,
      told: teller?.count ?? 0,
    }),
    refresh: async () => {
      const gateway = options.active();
      if (gateway?.isReady() !== true) return;
      const mine = era;
      await ask(gateway, 'sessions.subscribe', {});
      if (mine !== era) return; // invariant 2
      await Promise.all([load(gateway), listSessions(gateway)]);
    },
    moved: () => {
      era += 1;
      generation += 1;
      loading = false;
      listing = false;
      teller = null;
      // What the other one recorded says nothing of the runs of this one.
      for (const keys of [recordedKeys, inheritedKeys, joinedKeys]) keys.clear();
      apply({ kind: 'moved' });
    },
    admitted: (event) => {
      switch (event.kind) {
        case 'sessions-changed': {
          const gateway = options.active();
          if (gateway?.isReady() === true) void listSessions(gateway);
          return;
        }
        case 'session-message': {
          if (event.sessionKey !== sessionKey) return; // invariant 1
          const { messageId, role, text, runId } = event;
          if (text === '') return;
          const atMs = event.atMs ?? clock.wallMs();
          apply({
            kind: 'recorded',
            message: withReason({
              id: messageId,
              role,
              text,
              atMs,
              runId,
              idempotencyKey: ownKey(event.idempotencyKey),
              because: null,
            }),
          });

          if (role === 'user') noteRecorded(ownKey(event.idempotencyKey));
          if (role === 'assistant') endJoined();
          return;
        }
        case 'chat':
          chatEvent(event);
          return;
        case 'agent-tool':
        case 'shutdown':
          return;
      }
    },
    select: show,
    create: () => show(`agent:main:${options.newId().slice(0, 8)}`),
    stop: async () => {
      const gateway = options.active();
      const { runId } = transcript;
      if (gateway !== null && runId !== null)
        await ask(gateway, 'chat.abort', { sessionKey, runId });
    },
    sent: (item) => {
      if (item.sessionKey !== sessionKey) return;
      if (item.state === 'queued') forgetTeller(item); // it is back, and told nobody
      apply({
        kind: 'sent',
        id: item.id,
        text: item.text,
        because: item.because,
        atMs: item.createdAtMs,
      });
    },
    putAway: ({ id, state, ...item }) => {
      if (state !== 'answered') forgetTeller({ id });
      const gateway = options.active();
      const isOurs = state === 'answered' && item.sessionKey === sessionKey;
      // Its answer is in the gateway's history, whatever of it was told while the pane went from one to the other.
      const isCut = transcript.messages.some(
        (message) => message.runId === id && message.status === 'interrupted',
      );
      if (isOurs && isCut && gateway?.isReady() === true) void load(gateway);
    },
    memoryFor: (item, gateway, open) => {
      const isFirst = teller === null || teller.id === item.id;
      const isCommand = item.text.trimStart().startsWith('/');
      if (item.sessionKey !== sessionKey || transcript.carried.size === 0) return null;
      return isFirst && !isCommand ? recall(item, gateway, open) : null;
    },
    withdrawn: ({ id, ...item }) => {
      const isRecorded = recordedKeys.has(id) || inheritedKeys.has(id);
      if (item.sessionKey === sessionKey && !isRecorded) apply({ kind: 'withdrawn', id });
    },
  };

  function chatEvent(event: Extract<AdmittedEvent, { kind: 'chat' }>): void {
    const { runId } = event;
    const atMs = clock.wallMs();
    const ending = endingOf(event);
    if (ending !== null) {
      // A message that came while another one's run was going joins that run; its own ends at once, with nothing said
      // and before the message is recorded. It is not answered by that.
      const nothingSaid =
        ending.outcome === 'done' &&
        (event.text ?? '') === '' &&
        !transcript.messages.some(
          // What was cut on another gateway was not said by this one.
          ({ role, status, ...message }) =>
            message.runId === runId && role === 'assistant' && status !== 'interrupted',
        );
      if (nothingSaid && !recordedKeys.has(runId)) remember(joinedKeys, runId);
      else options.runEnded(runId, ending.outcome, ending.problem);
    }
    if (event.sessionKey !== sessionKey) return; // invariant 1
    if (ending !== null) {
      const { outcome, problem } = ending;
      const text = outcome === 'error' ? problem : (event.text ?? '');
      apply({ kind: 'ended', runId, outcome, text, atMs });
    } else if (event.state === 'delta')
      apply({ kind: 'streamed', runId, text: event.text ?? joined(runId, event), atMs });
    else apply({ kind: 'started', runId });
  }

  function forgetTeller({ id }: Pick<OutboxItem, 'id'>): void {
    if (teller?.id === id) teller = null;
  }

  function noteRecorded(key: string | null): void {
    if (key !== null) remember(recordedKeys, key);
  }

  /** An answer that comes after a joined message was recorded is its answer too. */
  function endJoined(): void {
    for (const key of joinedKeys) {
      if (!recordedKeys.has(key) && !inheritedKeys.has(key)) continue;
      joinedKeys.delete(key);
      options.runEnded(key, 'done', '');
    }
  }

  /** A delta without the whole text continues what is on the screen. */
  function joined(
    runId: string,
    event: { readonly delta: string | null; readonly replace: boolean },
  ): string {
    const current =
      transcript.messages.find(
        (message) => message.runId === runId && message.status === 'streaming',
      )?.text ?? '';
    return (event.replace ? '' : current) + (event.delta ?? '');
  }
}

/** How an event ends its run; null when it does not. An answer that the gateway cut short by itself is none. */
function endingOf(
  event: Extract<AdmittedEvent, { kind: 'chat' }>,
): { readonly outcome: 'done' | 'error' | 'stopped'; readonly problem: string } | null {
  switch (event.state) {
    case 'status':
    case 'delta':
      return null;
    case 'final':
      return { outcome: 'done', problem: '' };
    case 'error':
      return { outcome: 'error', problem: event.error ?? '' };
    case 'aborted': {
      const problem = cutShort.get(event.stopReason ?? '');
      return problem === undefined
        ? { outcome: 'stopped', problem: '' }
        : { outcome: 'error', problem };
    }
  }
}

const cutShort: ReadonlyMap<string, string> = new Map([
  ['timeout', 'The gateway stopped the answer because it took too long.'],
  ['restart', 'The gateway restarted before the answer was complete.'],
]);
