/**
 * Carries each message from Enter to its answer.
 *
 * Invariants
 * 1. A message is on disk before anything else happens to it, and each step is on disk before the step is taken.
 * 2. Its id is its idempotency key, for life; it never changes pane, domain or session.
 * 3. It leaves at most once by itself. A send whose fate is not known is looked up in the gateway's history first, and only
 *    the gateway that it was given to can clear it, or the one that inherited all that it had: there the same key goes on
 *    with the same question. Where neither can, it is parked for the person; so is one whose turn was cut while a tool ran.
 * 4. Messages of one session leave in the order they were typed: none overtakes one that still waits to leave or is being
 *    looked up. One that is parked holds nobody up.
 * 5. Nothing leaves without a fresh `permit` in the same turn.
 * 6. On disk, `uncertain` means parked, for good; while it is being looked up a message stays `sending` or `acknowledged`
 *    there. So a restart knows which ones the gateway had, and those never leave again by themselves.
 */
import { assertNever, errorText, fail, ok } from '../base/index.ts';
import type { Clock, Logger, Result } from '../base/index.ts';
import type { GatewayFailure } from '../gateways/index.ts';
import { appError } from '../shared/index.ts';
import type { AppError, OutboxItem, OutboxState } from '../shared/index.ts';
import type { OutboxStore } from '../store/index.ts';
import { endsAtOnce, findInHistory } from './fate.ts';
import type { ActiveGateway, ChatGateway } from './ports.ts';
import { historyLimit, openTools } from './rows.ts';

export interface Outbox {
  /** Takes a message; resolves once it is on disk. It leaves as soon as its pane's gateway is ready. */
  add(message: NewMessage): Result<OutboxItem, AppError>;
  /** Every message that has no answer yet. */
  open(): readonly OutboxItem[];
  /** Lets what waits in a pane leave, after looking up what is uncertain. */
  wake(paneId: string): Promise<void>;
  /** The pane's gateway is connected anew, or another one is active: what was acknowledged before is not taken for granted. */
  reconnected(paneId: string): Promise<void>;
  /** What the pane's active gateway tells about a run. It ends a message only of that pane, given to that gateway. */
  runEnded(
    paneId: string,
    runId: string,
    outcome: 'done' | 'error' | 'stopped',
    problem: string,
  ): void;
  /**
   * A person wants a parked message sent again: a new message with a key of its own; the old one is put away. One whose turn
   * was cut in a tool is in the conversation already: the new message asks to go on.
   */
  retry(id: string): Result<OutboxItem, AppError>;
  /** A person gives a message up. Refused while it is on its way. */
  discard(id: string): Result<null, AppError>;
}

export type NewMessage = Pick<OutboxItem, 'paneId' | 'domain' | 'sessionKey' | 'text' | 'because'>;

export interface OutboxOptions {
  readonly store: OutboxStore;
  readonly active: ActiveGateway;
  /** Whether the gateway that speaks for a pane has all that `gatewayId`, which did before it, had. */
  readonly inherits: (paneId: string, gatewayId: string) => boolean;
  /**
   * What the gateway of a pane that did not inherit is told with a message, over and above it: what was said before. Null
   * where there is nothing to look up. `open`: the ids of all messages without an answer.
   */
  readonly memory: (
    item: OutboxItem,
    gateway: ChatGateway,
    open: ReadonlySet<string>,
  ) => Promise<string | null> | null;
  /** Asked immediately before a message leaves; a refusal fails the message with the words given (invariant 5). */
  readonly permit: (item: OutboxItem) => Result<null, AppError>;
  readonly changed: (item: OutboxItem, removed: boolean) => void;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const sendTimeoutMs = 30_000;
const retryMs = 2_000;

const movedOn = 'The gateway it was given to stopped before it answered.';
const notAnswered = 'The gateway has the message, but stopped before it answered.';
const notKnown = 'It is not known whether the gateway got it.';
const answerNotKnown = 'The gateway got it; it is not known whether it answered.';

function cutWords(tools: readonly string[]): string {
  return `It was cut off while ${tools.join(' and ')} ran. What that did is not known, so it is not repeated by itself.`;
}
/** What goes on after a turn that was cut; to the model it is the person's next message. */
const goOn =
  'Continue. You were cut off while a tool ran: see what it did before you run it again.';

/** Makes the outbox over what an earlier run left in the store: what was being sent then is uncertain now. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store, clock, logger } = options;
  const items = new Map(store.listOpen().map((item) => [item.id, item]));
  /** What is to be looked up before anything else of its pane leaves. */
  const doubtful = new Set<string>();
  const waking = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const due = new Set<string>();
  /** Gateways that take no more with a message than the message. */
  const cannotBeTold = new Set<string>();

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
    doubtful.delete(item.id);
    options.changed(stored.value, false);
    if (state === 'answered') putAway(stored.value);
    return true;
  };
  const putAway = (item: OutboxItem): void => {
    items.delete(item.id);
    doubtful.delete(item.id);
    options.changed(item, true);
  };
  const park = (item: OutboxItem, problem: string): void => {
    move(item, 'uncertain', { problem });
  };
  /** Shows a message that is `sending` on disk as uncertain, until it has been looked up (invariant 6). */
  const doubt = (item: OutboxItem, problem: string | null): OutboxItem => {
    const shown: OutboxItem = { ...item, state: 'uncertain', problem };
    items.set(item.id, shown);
    doubtful.add(item.id);
    return shown;
  };
  for (const item of items.values()) if (item.state === 'sending') doubt(item, null);
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

  /** Whether it was given to another one, of which this one knows nothing. */
  const isOthers = (item: OutboxItem, gateway: ChatGateway): boolean =>
    item.gatewayId !== null &&
    item.gatewayId !== gateway.id &&
    !options.inherits(item.paneId, item.gatewayId);
  /** The role has moved on while this was under way: for whoever has it now to settle, or for the person. */
  const leave = (item: OutboxItem): void => {
    const heir = options.active(item.paneId);
    if (heir === null || isOthers(item, heir)) {
      park(item, movedOn);
      return;
    }
    if (item.state === 'acknowledged') doubtful.add(item.id);
    else options.changed(doubt(item, movedOn), false);
    wakeLater(item.paneId, 0);
  };
  const isActive = (gateway: ChatGateway, paneId: string): boolean =>
    options.active(paneId)?.id === gateway.id;

  const send = async (item: OutboxItem, gateway: ChatGateway): Promise<void> => {
    if (isOthers(item, gateway)) {
      park(item, movedOn); // invariant 3: it was on its way to another one before
      return;
    }
    const looked =
      options.inherits(item.paneId, gateway.id) || cannotBeTold.has(gateway.id)
        ? null
        : options.memory(item, gateway, new Set(items.keys()));
    const memory = looked === null ? null : await looked;
    if (looked !== null && !mayStillLeave(item, gateway)) return; // that took its time
    const permitted = options.permit(item);
    if (!permitted.ok) {
      move(item, 'failed', { problem: permitted.error.message });
      return;
    }
    if (!move(item, 'sending', { gatewayId: gateway.id })) return; // invariant 1
    const said = { sessionKey: item.sessionKey, message: item.text, idempotencyKey: item.id };
    const timed = { timeoutMs: sendTimeoutMs };
    // Both record the message alike, and each knows a key of its own again; only `agent` can be told more.
    const reply = await (memory === null
      ? gateway.request('chat.send', said, timed)
      : gateway.request('agent', { ...said, deliver: false, extraSystemPrompt: memory }, timed));
    const current = items.get(item.id);
    if (current?.state !== 'sending') return; // its answer was faster than its receipt
    if (!reply.ok && memory !== null && reply.error.kind === 'rejected' && !reply.error.retryable) {
      cannotBeTold.add(gateway.id);
      move(current, 'queued', { gatewayId: null });
      wakeLater(item.paneId, 0);
    } else if (!reply.ok) afterFailure(current, reply.error);
    else if (endsAtOnce(reply.value)) move(current, 'answered');
    else if (isActive(gateway, item.paneId)) move(current, 'acknowledged');
    else leave(current);
  };
  const mayStillLeave = ({ id, paneId }: OutboxItem, gateway: ChatGateway): boolean =>
    items.get(id)?.state === 'queued' && readyGateway(paneId)?.id === gateway.id;
  const afterFailure = (item: OutboxItem, failure: GatewayFailure): void => {
    if (failure.kind === 'rejected' && !failure.retryable)
      move(item, 'failed', { problem: failure.message });
    else if (failure.kind === 'rejected' || !failure.sent) {
      move(item, 'queued', { gatewayId: null, problem: failure.message });
      wakeLater(item.paneId, failure.retryAfterMs);
    } else {
      options.changed(doubt(item, failure.message), false);
      wakeLater(item.paneId);
    }
  };

  /** Settles a message that has no answer: by the history of the gateway it was given to, or not at all. */
  const settle = async (item: OutboxItem, gateway: ChatGateway): Promise<void> => {
    const reply = await gateway.request(
      'chat.history',
      { sessionKey: item.sessionKey, limit: historyLimit },
      { timeoutMs: sendTimeoutMs },
    );
    const current = items.get(item.id);
    if (current?.state !== 'uncertain' && current?.state !== 'acknowledged') return;
    const parked = !doubtful.has(item.id);
    if (!reply.ok) {
      const refused = reply.error.kind === 'rejected' && !reply.error.retryable;
      if (refused && !parked) park(current, notKnown);
      return;
    }
    const found = findInHistory(reply.value, item.id, item.createdAtMs);
    if (found === 'answered') {
      move(current, 'answered');
      return;
    }
    if (!isActive(gateway, item.paneId)) {
      if (!parked) leave(current);
      return;
    }
    if (found === 'running') {
      move(current, 'acknowledged', { gatewayId: gateway.id });
      return;
    }
    if (parked) return; // only the gateway's knowing better changes that
    const isHeir = current.gatewayId !== gateway.id;
    switch (found) {
      case 'recorded':
        if (isHeir)
          move(current, 'queued'); // the one that was to answer it cannot any more
        else park(current, notAnswered);
        return;
      case 'cut': {
        const tools = openTools(reply.value, item.id);
        move(current, 'interrupted', { problem: cutWords(tools) });
        return;
      }
      case 'absent':
        if (current.state === 'acknowledged' && !isHeir) park(current, answerNotKnown);
        else move(current, 'queued'); // the same key again
        return;
      case 'unknown':
        park(current, current.state === 'acknowledged' ? answerNotKnown : notKnown);
        return;
      default:
        assertNever(found);
    }
  };

  const readyGateway = (paneId: string): ChatGateway | null => {
    const gateway = options.active(paneId);
    return gateway?.isReady() === true ? gateway : null;
  };
  const runWake = async (paneId: string): Promise<void> => {
    // Given to a gateway once and not sent since: what became of it there may have changed (invariant 3).
    for (const item of ofPane(paneId))
      if (item.state === 'queued' && item.gatewayId !== null) doubt(item, item.problem);
    for (const { id } of ofPane(paneId)) {
      const gateway = readyGateway(paneId);
      if (gateway === null) return;
      const item = items.get(id);
      if (item === undefined || !doubtful.has(id)) continue;
      if (isOthers(item, gateway))
        park(item, movedOn); // invariant 3
      else await settle(item, gateway);
      if (doubtful.has(id)) {
        wakeLater(paneId);
        return; // invariant 4
      }
    }
    for (const { id } of ofPane(paneId)) {
      const gateway = readyGateway(paneId);
      if (gateway === null) return;
      const item = items.get(id);
      if (item?.state === 'queued') await send(item, gateway);
      if (items.get(id)?.state === 'queued' || doubtful.has(id)) return; // invariant 4
    }
  };
  /** What was parked may have been answered after all; its gateway is asked once more, and nothing waits for it. */
  const revisit = async (paneId: string): Promise<void> => {
    for (const { id } of ofPane(paneId)) {
      const gateway = readyGateway(paneId);
      const item = items.get(id);
      if (gateway === null) return;
      if (item?.state === 'uncertain' && !doubtful.has(id) && !isOthers(item, gateway))
        await settle(item, gateway);
    }
  };
  const wakeLater = (paneId: string, delayMs = retryMs): void => {
    if (due.has(paneId)) return;
    due.add(paneId);
    clock.after(delayMs, () => {
      due.delete(paneId);
      void wake(paneId);
    });
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
    reconnected: async (paneId) => {
      for (const item of ofPane(paneId)) if (item.state === 'acknowledged') doubtful.add(item.id);
      await wake(paneId);
      await revisit(paneId);
    },
    open: () => [...items.values()].sort((a, b) => a.createdAtMs - b.createdAtMs),
    wake,
    runEnded: (paneId, runId, outcome, problem) => {
      const item = items.get(runId);
      if (item?.paneId !== paneId || item.gatewayId !== options.active(paneId)?.id) return;
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
      const { state } = item;
      if (state !== 'failed' && state !== 'uncertain' && state !== 'interrupted') return notWaiting;
      const fresh = take(newItem(state === 'interrupted' ? { ...item, text: goOn } : item));
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
