/**
 * Carries each message from Enter to its answer.
 *
 * Invariants
 * 1. A message is on disk before anything else happens to it, and each step is on disk before the step is taken.
 * 2. Its id is its idempotency key, for life; it never changes pane, domain or session.
 * 3. It leaves at most once by itself. A send whose fate is not known is looked up in the gateway's history first, and only
 *    the gateway that it was given to can clear it: where that one does not answer, it is parked for the person.
 * 4. Messages of one session leave in the order they were typed: none overtakes one that still waits to leave.
 * 5. Nothing leaves without a fresh `permit` in the same turn.
 */
import { assertNever, errorText, fail, ok } from '../base/index.ts';
import type { Clock, Logger, Result } from '../base/index.ts';
import type { GatewayFailure } from '../gateways/index.ts';
import { appError } from '../shared/index.ts';
import type { AppError, OutboxItem, OutboxState } from '../shared/index.ts';
import type { OutboxStore } from '../store/index.ts';
import type { ActiveGateway, ChatGateway } from './ports.ts';

export interface Outbox {
  /** Takes a message; resolves once it is on disk. It leaves as soon as its pane's gateway is ready. */
  add(message: NewMessage): Result<OutboxItem, AppError>;
  /** Every message that has no answer yet. */
  open(): readonly OutboxItem[];
  /** Lets what waits in a pane leave, after looking up what is uncertain. */
  wake(paneId: string): Promise<void>;
  /** The pane's gateway is connected anew, or another one is active: what was acknowledged before is not taken for granted. */
  reconnected(paneId: string): Promise<void>;
  /** What the gateway tells about a run of ours. */
  runEnded(runId: string, outcome: 'done' | 'error' | 'stopped', problem: string): void;
  /** A person wants a parked message sent again: a new message with a key of its own; the old one is put away. */
  retry(id: string): Result<OutboxItem, AppError>;
  /** A person gives a message up. Refused while it is on its way. */
  discard(id: string): Result<null, AppError>;
}

export type NewMessage = Pick<OutboxItem, 'paneId' | 'domain' | 'sessionKey' | 'text' | 'because'>;

export interface OutboxOptions {
  readonly store: OutboxStore;
  readonly active: ActiveGateway;
  /** Asked immediately before a message leaves; a refusal fails the message with the words given (invariant 5). */
  readonly permit: (item: OutboxItem) => Result<null, AppError>;
  readonly changed: (item: OutboxItem, removed: boolean) => void;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const sendTimeoutMs = 30_000;
const lookUpLimit = 200;
const retryMs = 2_000;

/** Makes the outbox over what an earlier run left in the store: what was being sent then is uncertain now. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store, clock, logger } = options;
  const items = new Map(
    store
      .listOpen()
      .map((item) => [
        item.id,
        item.state === 'sending' ? { ...item, state: 'uncertain' as const } : item,
      ]),
  );
  const waking = new Map<string, Promise<void>>();
  const again = new Set<string>();

  const take = (item: OutboxItem): Result<OutboxItem, AppError> => {
    const stored = store.insert(item);
    if (!stored.ok) return stored;
    items.set(item.id, item);
    options.changed(item, false);
    return ok(item);
  };
  const move = (
    item: OutboxItem,
    state: OutboxState,
    change: Partial<Pick<OutboxItem, 'gatewayId' | 'problem'>> = {},
  ): boolean => {
    const stored = store.update(item.id, {
      problem: null,
      ...change,
      state,
      updatedAtMs: clock.wallMs(),
    });
    if (!stored.ok) {
      logger.error('outbox step not stored', { state, error: stored.error.message });
      return false;
    }
    items.set(item.id, stored.value);
    options.changed(stored.value, false);
    if (state === 'answered') putAway(stored.value);
    return true;
  };
  const putAway = (item: OutboxItem): void => {
    items.delete(item.id);
    options.changed(item, true);
  };
  const forget = (item: OutboxItem): void => {
    const removed = store.remove(item.id);
    if (!removed.ok) logger.error('outbox row not removed', { error: removed.error.message });
    putAway(item);
  };
  const newItem = ({ paneId, domain, sessionKey, text, because }: NewMessage): OutboxItem => {
    const now = clock.wallMs();
    const place = { paneId, domain, sessionKey };
    return {
      ...place,
      id: options.newId(),
      text,
      because,
      state: 'queued',
      gatewayId: null,
      createdAtMs: now,
      updatedAtMs: now,
      problem: null,
    };
  };
  const ofPane = (paneId: string): OutboxItem[] =>
    [...items.values()]
      .filter((item) => item.paneId === paneId)
      .sort((a, b) => a.createdAtMs - b.createdAtMs);

  const send = async (item: OutboxItem, gateway: ChatGateway): Promise<void> => {
    const permitted = options.permit(item);
    if (!permitted.ok) {
      move(item, 'failed', { problem: permitted.error.message });
      return;
    }
    if (!move(item, 'sending', { gatewayId: gateway.id })) return; // invariant 1
    const reply = await gateway.request(
      'chat.send',
      { sessionKey: item.sessionKey, message: item.text, idempotencyKey: item.id },
      { timeoutMs: sendTimeoutMs },
    );
    const current = items.get(item.id);
    if (current?.state !== 'sending') return; // its answer was faster than its receipt
    if (reply.ok) move(current, 'acknowledged');
    else afterFailure(current, reply.error);
  };
  const afterFailure = (item: OutboxItem, failure: GatewayFailure): void => {
    if (failure.kind === 'rejected' && !failure.retryable)
      move(item, 'failed', { problem: failure.message });
    else if (failure.kind === 'rejected' || !failure.sent) {
      move(item, 'queued', { gatewayId: null, problem: failure.message });
      clock.after(failure.retryAfterMs ?? retryMs, () => void wake(item.paneId));
    } else move(item, 'uncertain', { problem: failure.message });
  };

  /** Settles a message that was given to a gateway and has no answer: by that gateway's own history, or not at all. */
  const settle = async (item: OutboxItem, gateway: ChatGateway): Promise<void> => {
    if (item.gatewayId !== gateway.id) {
      move(item, 'uncertain', {
        problem: 'The gateway it was given to stopped before it answered.',
      }); // invariant 3
      return;
    }
    const reply = await gateway.request(
      'chat.history',
      { sessionKey: item.sessionKey, limit: lookUpLimit },
      { timeoutMs: sendTimeoutMs },
    );
    if (!reply.ok) return; // asked again at the next wake
    const current = items.get(item.id);
    if (current === undefined || current.state === 'queued' || current.state === 'failed') return;
    const found = findInHistory(reply.value, item.id);
    switch (found) {
      case 'answered':
        move(current, 'answered');
        return;
      case 'running':
        move(current, 'acknowledged');
        return;
      case 'recorded':
        move(current, 'uncertain', {
          problem: 'The gateway has the message, but stopped before it answered.',
        });
        return;
      case 'absent':
        if (current.state === 'uncertain') move(current, 'queued', { gatewayId: null }); // the same key goes to the same gateway again
        return;
      default:
        assertNever(found);
    }
  };

  const runWake = async (paneId: string): Promise<void> => {
    for (const item of ofPane(paneId)) {
      const gateway = options.active(paneId);
      if (gateway?.isReady() !== true) return;
      if (item.state === 'uncertain') await settle(item, gateway);
    }
    for (const { id } of ofPane(paneId)) {
      const item = items.get(id);
      const gateway = options.active(paneId);
      if (gateway?.isReady() !== true) return;
      if (item?.state === 'queued') await send(item, gateway);
      if (items.get(id)?.state === 'queued') return; // invariant 4
    }
  };
  const wake = (paneId: string): Promise<void> => {
    const running = waking.get(paneId);
    if (running !== undefined) {
      again.add(paneId);
      return running;
    }
    const run = (async () => {
      do {
        again.delete(paneId);
        await runWake(paneId);
      } while (again.has(paneId));
    })()
      .catch((error: unknown) => {
        logger.error('outbox stopped', { error: errorText(error) });
      })
      .finally(() => waking.delete(paneId));
    waking.set(paneId, run);
    return run;
  };

  return {
    add: (message) => {
      const taken = take(newItem(message));
      if (taken.ok) void wake(taken.value.paneId);
      return taken;
    },
    reconnected: (paneId) => {
      for (const item of ofPane(paneId)) if (item.state === 'acknowledged') move(item, 'uncertain');
      return wake(paneId);
    },
    open: () => [...items.values()].sort((a, b) => a.createdAtMs - b.createdAtMs),
    wake,
    runEnded: (runId, outcome, problem) => {
      const item = items.get(runId);
      if (item === undefined) return;
      if (outcome === 'error') move(item, 'failed', { problem });
      else move(item, 'answered');
    },
    retry: (id) => {
      const item = items.get(id);
      if (item === undefined) return notWaiting;
      if (item.state === 'queued') {
        void wake(item.paneId);
        return ok(item);
      }
      if (item.state !== 'failed' && item.state !== 'uncertain') return notWaiting;
      const fresh = take(newItem(item));
      if (!fresh.ok) return fresh;
      forget(item);
      void wake(fresh.value.paneId);
      return fresh;
    },
    discard: (id) => {
      const item = items.get(id);
      if (item === undefined) return notWaiting;
      if (item.state === 'sending' || item.state === 'acknowledged') {
        return fail(appError('denied', 'It has left already; stop the answer instead.'));
      }
      forget(item);
      return ok(null);
    },
  };
}

const notWaiting = fail(appError('not-found', 'This message is not waiting any more.'));

/** What a gateway's `chat.history` answer knows of a message with this key. The answer is data from outside. */
export function findInHistory(
  history: unknown,
  key: string,
): 'answered' | 'running' | 'recorded' | 'absent' {
  const messages = field(history, 'messages');
  const rows = Array.isArray(messages) ? (messages as readonly unknown[]) : [];
  if (
    rows.some(
      (row) =>
        field(row, 'role') === 'assistant' && field(field(row, '__openclaw'), 'runId') === key,
    )
  )
    return 'answered';
  const active = field(field(history, 'sessionInfo'), 'activeRunIds');
  const running =
    field(field(history, 'inFlightRun'), 'runId') === key ||
    (Array.isArray(active) && active.includes(key));
  if (running) return 'running';
  const recorded = rows.some((row) => field(row, 'idempotencyKey') === `${key}:user`);
  return recorded ? 'recorded' : 'absent';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
