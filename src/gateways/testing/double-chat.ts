/** The sessions and runs of the gateway double: what it records, streams and answers. No sockets in here. */
export type ChatBehaviour =
  | 'normal'
  /** Tells half of the answer, then the connection is cut; the run itself goes on and is recorded, as in the real one. */
  | 'close-mid-answer'
  /** Acknowledges and never answers. */
  | 'never-answer'
  /** Records the message and cuts the connection before the acknowledgement. */
  | 'swallow-acknowledgement'
  /** Cuts the connection before anything is recorded. */
  | 'swallow-request'
  /** Refuses the message for now. */
  | 'refuse';

interface Run {
  readonly runId: string;
  readonly sessionKey: string;
  status: 'started' | 'ok' | 'aborted';
  /** The answer of a run without a session, for `agent.wait`. */
  readonly reply?: string;
  readonly finished: (() => void)[];
}

export interface DoubleChatPorts {
  readonly answer: (text: string) => string;
  readonly mayRun: (runId: string) => boolean;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly emit: (event: string, payload: unknown) => void;
  readonly emitToWatchers: (sessionKey: string, event: string, payload: unknown) => void;
  readonly drop: () => void;
}

export type ChatAnswer =
  | { readonly kind: 'reply'; readonly payload: unknown }
  | {
      readonly kind: 'refuse';
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly retryable: boolean;
      };
    }
  | { readonly kind: 'none' };

export interface DoubleChat {
  readonly prompts: readonly string[];
  behave(behaviour: ChatBehaviour): void;
  /** Handles a method; `reply` answers early, before the events of a run. */
  handle(
    method: string,
    params: Readonly<Record<string, unknown>>,
    reply: (payload: unknown) => void,
  ): Promise<ChatAnswer>;
  stop(): void;
}

/** What a message that is sent again with its key is told, by what became of its run. */
const resendOutcomes = {
  started: { status: 'in_flight' },
  ok: { status: 'ok' },
  aborted: { status: 'timeout', summary: 'aborted', stopReason: 'rpc' },
} as const;

/** Makes a chat without sessions. */
export function createDoubleChat(ports: DoubleChatPorts): DoubleChat {
  const sessions = new Map<string, Record<string, unknown>[]>();
  const runs = new Map<string, Run>();
  const prompts: string[] = [];
  let behaviour: ChatBehaviour = 'normal';

  const history = (sessionKey: string): Record<string, unknown>[] => {
    const messages = sessions.get(sessionKey) ?? [];
    sessions.set(sessionKey, messages);
    return messages;
  };

  function record(
    sessionKey: string,
    message: Record<string, unknown>,
    meta: Record<string, unknown>,
  ): void {
    const messages = history(sessionKey);
    const id = ports.newId();
    const seq = messages.length + 1;
    const stored = { ...message, timestamp: ports.nowMs(), __openclaw: { ...meta, id, seq } };
    messages.push(stored);
    ports.emitToWatchers(sessionKey, 'session.message', {
      sessionKey,
      agentId: 'main',
      message: stored,
      messageId: id,
      messageSeq: seq,
    });
  }

  function finish(run: Run, status: 'ok' | 'aborted'): void {
    run.status = status;
    for (const tell of run.finished.splice(0)) tell();
    ports.emit('sessions.changed', {
      sessionKey: run.sessionKey,
      agentId: 'main',
      phase: 'end',
      runId: run.runId,
      session: row(run.sessionKey),
    });
  }

  function row(sessionKey: string): Record<string, unknown> {
    const active = [...runs.values()]
      .filter((run) => run.sessionKey === sessionKey && run.status === 'started')
      .map((run) => run.runId);
    return {
      key: sessionKey,
      kind: 'direct',
      agentId: 'main',
      updatedAt: ports.nowMs(),
      hasActiveRun: active.length > 0,
      activeRunIds: active,
    };
  }

  function stream(run: Run, text: string, kind: ChatBehaviour): void {
    const base = { runId: run.runId, sessionKey: run.sessionKey, agentId: 'main' };
    let seq = 0;
    const tell = (payload: Record<string, unknown>): void => {
      ports.emit('chat', { ...base, seq: (seq += 1), ...payload });
    };
    const message = (content: string) => ({
      role: 'assistant',
      content: [{ type: 'text', text: content }],
      timestamp: ports.nowMs(),
    });
    tell({ state: 'status', phase: 'preparing_workspace' });
    record(
      run.sessionKey,
      { role: 'user', content: text, idempotencyKey: `${run.runId}:user` },
      { idempotencyKey: `${run.runId}:user` },
    );
    if (kind === 'swallow-acknowledgement') ports.drop();
    tell({ state: 'status', phase: 'starting_model' });
    prompts.push(text);
    if (kind === 'never-answer') return;
    const answer = ports.answer(text);
    const half = answer.slice(0, Math.ceil(answer.length / 2));
    tell({ state: 'delta', deltaText: half, message: message(half) });
    if (kind === 'close-mid-answer') ports.drop();
    record(
      run.sessionKey,
      { role: 'assistant', content: [{ type: 'text', text: answer }], stopReason: 'stop' },
      { runId: run.runId },
    );
    tell({ state: 'delta', deltaText: answer.slice(half.length), message: message(answer) });
    tell({ state: 'final', stopReason: 'stop', message: message(answer) });
    finish(run, 'ok');
  }

  function sendMessage(
    params: Readonly<Record<string, unknown>>,
    reply: (payload: unknown) => void,
  ): ChatAnswer {
    const { sessionKey, message, idempotencyKey } = params;
    if (
      typeof sessionKey !== 'string' ||
      typeof message !== 'string' ||
      typeof idempotencyKey !== 'string'
    ) {
      return {
        kind: 'refuse',
        error: { code: 'INVALID_REQUEST', message: 'invalid chat.send params', retryable: false },
      };
    }
    const known = runs.get(idempotencyKey);
    if (known !== undefined)
      return { kind: 'reply', payload: { runId: known.runId, ...resendOutcomes[known.status] } };
    if (behaviour === 'refuse') {
      return {
        kind: 'refuse',
        error: {
          code: 'UNAVAILABLE',
          message: 'Chat input was not durably admitted',
          retryable: true,
        },
      };
    }
    if (behaviour === 'swallow-request') {
      ports.drop();
      return { kind: 'none' };
    }
    const run: Run = { runId: idempotencyKey, sessionKey, status: 'started', finished: [] };
    runs.set(run.runId, run);
    if (behaviour !== 'swallow-acknowledgement') reply({ runId: run.runId, status: 'started' });
    stream(run, message, behaviour);
    return { kind: 'none' };
  }

  function abort(params: Readonly<Record<string, unknown>>): ChatAnswer {
    const stopped = [...runs.values()].filter(
      (run) =>
        run.status === 'started' &&
        run.sessionKey === params.sessionKey &&
        (params.runId === undefined || run.runId === params.runId),
    );
    for (const run of stopped) {
      ports.emit('chat', {
        runId: run.runId,
        sessionKey: run.sessionKey,
        agentId: 'main',
        seq: 99,
        state: 'aborted',
        stopReason: 'rpc',
      });
      finish(run, 'aborted');
    }
    return {
      kind: 'reply',
      payload: { ok: true, aborted: stopped.length > 0, runIds: stopped.map((run) => run.runId) },
    };
  }

  async function wait(params: Readonly<Record<string, unknown>>): Promise<ChatAnswer> {
    const run = runs.get(String(params.runId));
    const timeoutMs = typeof params.timeoutMs === 'number' ? params.timeoutMs : 30_000;
    if (run?.status === 'started') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        timer.unref();
        run.finished.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (run === undefined || run.status === 'started')
      return { kind: 'reply', payload: { runId: params.runId, status: 'timeout' } };
    return {
      kind: 'reply',
      payload: {
        runId: run.runId,
        ...(run.status === 'ok'
          ? {
              status: 'ok',
              ...(run.reply === undefined ? {} : { terminalReply: { text: run.reply } }),
            }
          : { status: 'error', error: 'aborted', stopReason: 'rpc' }),
      },
    };
  }

  return {
    prompts,
    behave: (next) => {
      behaviour = next;
    },
    handle: async (method, params, reply) => {
      switch (method) {
        case 'chat.send':
          return sendMessage(params, reply);
        case 'chat.abort':
          return abort(params);
        case 'agent.wait':
          return wait(params);
        case 'chat.history': {
          const sessionKey = String(params.sessionKey);
          return {
            kind: 'reply',
            payload: {
              sessionKey,
              messages: history(sessionKey),
              hasMore: false,
              sessionInfo: row(sessionKey),
            },
          };
        }
        case 'sessions.list':
          return { kind: 'reply', payload: list() };
        case 'sessions.subscribe':
          return { kind: 'reply', payload: { subscribed: true, list: list() } };
        case 'health':
          return { kind: 'reply', payload: { ok: true, ts: ports.nowMs(), durationMs: 1 } };
        case 'agent': {
          const runId = String(params.idempotencyKey);
          const admitted = behaviour === 'never-answer' ? 'started' : 'ok';
          const run: Run = {
            runId,
            sessionKey: 'internal',
            status: ports.mayRun(runId) ? admitted : 'aborted',
            reply: ports.answer(String(params.message)),
            finished: [],
          };
          runs.set(run.runId, run);
          return { kind: 'reply', payload: { runId: run.runId, status: 'accepted' } };
        }
        default:
          throw new Error(`the double does not know ${method}`); // its door lets nothing else through
      }
    },
    stop: () => {
      for (const run of runs.values()) for (const tell of run.finished.splice(0)) tell();
    },
  };

  function list(): Record<string, unknown> {
    return {
      ts: ports.nowMs(),
      count: sessions.size,
      totalCount: sessions.size,
      hasMore: false,
      sessions: [...sessions.keys()].map(row),
    };
  }
}
