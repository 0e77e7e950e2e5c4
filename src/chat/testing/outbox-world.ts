import { createLogger, fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import type { GatewayFailure } from '../../gateways/index.ts';
import { appError } from '../../shared/index.ts';
import type { OutboxItem } from '../../shared/index.ts';
import { memoryDatabase } from '../../store/testing/memory-stores.ts';
import { createOutbox } from '../outbox.ts';
import type { Outbox } from '../outbox.ts';
import type { ChatGateway } from '../ports.ts';

export type SendFate =
  | 'accepts'
  | 'rejects'
  | 'busy'
  | 'lost-before'
  | 'times-out'
  | 'lost-after-recording'
  | 'lost-without-recording';

/** A gateway that keeps what it records, and loses connections as told. */
export function gatewayCalled(id: string) {
  const recorded: string[] = [];
  const answered: string[] = [];
  /** Messages whose turn ended in the middle of a tool. */
  const cut: string[] = [];
  const sends: string[] = [];
  /** What came with a message over and above it, by the message’s key. */
  const told = new Map<string, string>();
  const asked: string[] = [];
  const state = {
    ready: true,
    fate: 'accepts' as SendFate,
    /** What history says over and above the rows; `null`: it does not answer. */
    history: {} as Readonly<Record<string, unknown>> | 'refused' | null,
    receipt: { runId: 'r' } as unknown,
    /** It knows the method that takes more than a message. */
    canBeTold: true,
    /** Awaited before any answer goes out. */
    held: Promise.resolve(),
  };
  const failure = (
    kind: GatewayFailure['kind'],
    sent: boolean,
    retryable = false,
  ): Result<never, GatewayFailure> =>
    fail({ kind, sent, code: 'X', message: `${kind} it was`, retryable });
  const gateway: ChatGateway = {
    id,
    isReady: () => state.ready,
    request: async (method, params) => {
      asked.push(method);
      await state.held;
      if (!state.ready) return failure('offline', false);
      if (method === 'chat.history') {
        if (state.history === null) return failure('timeout', true);
        if (state.history === 'refused') return failure('rejected', true);
        return ok({
          ...state.history,
          messages: [
            ...recorded.map((key) => ({ role: 'user', idempotencyKey: `${key}:user` })),
            ...cut.flatMap((key) => [
              { role: 'user', idempotencyKey: `${key}:user` },
              { role: 'assistant', content: [{ type: 'toolCall', id: key, name: 'exec' }] },
            ]),
            ...answered.map((key) => ({ role: 'assistant', __openclaw: { runId: key } })),
          ],
        });
      }
      const { idempotencyKey: key, extraSystemPrompt } = params as {
        readonly idempotencyKey: string;
        readonly extraSystemPrompt?: string;
      };
      if (method === 'agent' && !state.canBeTold) return failure('rejected', true);
      if (extraSystemPrompt !== undefined) told.set(key, extraSystemPrompt);
      sends.push(key);
      switch (state.fate) {
        case 'accepts':
          if (!recorded.includes(key)) recorded.push(key);
          return ok(state.receipt);
        case 'rejects':
          return failure('rejected', true);
        case 'busy':
          return failure('rejected', true, true);
        case 'lost-before':
          return failure('offline', false);
        case 'times-out':
          return failure('timeout', true);
        case 'lost-after-recording':
          recorded.push(key);
          state.ready = false;
          return failure('offline', true);
        case 'lost-without-recording':
          state.ready = false;
          return failure('offline', true);
      }
    },
  };
  return { gateway, recorded, answered, cut, sends, told, asked, state };
}

export type ScriptedGateway = ReturnType<typeof gatewayCalled>;

/** What the tests type. */
export const message = {
  paneId: 'home',
  domain: 'personal',
  sessionKey: 's',
  text: 'hello',
  because: { code: 'bound', name: 'Home' },
} as const;

/** A pane `home` with gateway `a`, a profile without a disk, and outboxes over it: each `open` is a start of the app. */
export function outboxWorld() {
  const clock = manualClock();
  const database = memoryDatabase();
  const a = gatewayCalled('a');
  let nextId = 1;
  const world = {
    clock,
    database,
    a,
    active: a,
    /** The active gateway has all that the one before it had. */
    inherits: false,
    /** What a gateway that did not inherit is told, and what became of it. */
    memory: null as string | null,
    refusal: null as string | null,
    changed: (_item: OutboxItem): void => undefined,
    open: (): Outbox =>
      createOutbox({
        store: database.outbox,
        active: () => world.active.gateway,
        inherits: () => world.inherits,
        memory: () => (world.memory === null ? null : Promise.resolve(world.memory)),
        permit: () => (world.refusal === null ? ok(null) : fail(appError('denied', world.refusal))),
        changed: (item) => {
          world.changed(item);
        },
        newId: () => `k${nextId++}`,
        clock,
        logger: createLogger('test', () => 0, []),
      }),
  };
  return world;
}

/** The messages without an answer, as `id state`. */
export function statesOf(outbox: Outbox): string[] {
  return outbox.open().map((item) => `${item.id} ${item.state}`);
}

/** A promise and the function that keeps it. */
export function promised(): { readonly promise: Promise<void>; readonly keep: () => void } {
  let keep: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    keep = resolve;
  });
  return { promise, keep };
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
