/**
 * The way of crossings to the gateways of other domains: an ordinary message in a session of its own, over the connection
 * that the app has anyway.
 *
 * Invariants
 * 1. A text is written at most once, in the turn in which the broker permits it; none waits for a connection.
 * 2. After `abort` nothing of a crossing is written, nor a question for its reply, nor a request to stop it.
 * 3. A reply is what the gateway's transcript has for the run of this very crossing, whatever its events say.
 */
import type { Clock, Result } from '../base/index.ts';
import { endOfRun } from '../chat/index.ts';
import type { GatewayConnection, GatewayFailure, Peer } from '../gateways/index.ts';
import type { AdmittedEvent, CrossingLink, LinkDoor, OutgoingCrossing } from '../trust/index.ts';

export interface CrossingLinkOptions {
  readonly connection: (
    gatewayId: string,
  ) => Pick<GatewayConnection, 'request' | 'state'> | undefined;
  readonly pinOf: (gatewayId: string, peer: Peer) => string | null;
  readonly door: () => LinkDoor;
  readonly clock: Clock;
}

export interface WorkLink extends CrossingLink {
  /** An event of a gateway, as the gate admitted it. */
  admitted(gatewayId: string, event: AdmittedEvent): void;
}

interface Open {
  readonly crossing: OutgoingCrossing;
  readonly abort: AbortController;
  /** A look at the transcript is coming; the end of its run may be told before the receipt. */
  isLooking: boolean;
  cancelLook: () => void;
}

/** The end of a run is told a little before its answer is in the transcript; events can be missed altogether. */
const firstLookAfterMs = 20;
const looksGrowBy = 2;
const longestBetweenLooksMs = 5_000;
const rowsAsked = 50;

/** Makes the link. */
export function createCrossingLink(options: CrossingLinkOptions): WorkLink {
  const open = new Map<string, Open>();

  const settle = (id: string): void => {
    const one = open.get(id);
    open.delete(id);
    one?.cancelLook();
    one?.abort.abort();
  };
  const isOpen = (one: Open): boolean => open.get(one.crossing.id) === one;

  const sent = (one: Open, answer: Result<unknown, GatewayFailure>): void => {
    if (!isOpen(one)) return;
    const { id, wantsReply } = one.crossing;
    // Whether it arrived is not known: its run in the transcript tells.
    const isDoubtful = !answer.ok && answer.error.sent && answer.error.kind !== 'rejected';
    if (!answer.ok && !(isDoubtful && wantsReply)) {
      settle(id);
      options.door().failed(id, answer.error.code);
    } else if (answer.ok && !wantsReply) {
      settle(id);
      options.door().left(id);
    } else {
      if (answer.ok) options.door().left(id);
      if (!one.isLooking) lookIn(one, longestBetweenLooksMs);
    }
  };

  const lookIn = (one: Open, afterMs: number): void => {
    if (!isOpen(one)) return;
    one.cancelLook();
    one.isLooking = true;
    one.cancelLook = options.clock.after(afterMs, () => void look(one, afterMs));
  };

  const look = async (one: Open, waitedMs: number): Promise<void> => {
    if (!isOpen(one)) return; // invariant 2: in the turn of the write
    const { id, destination } = one.crossing;
    const connection = options.connection(destination.gatewayId);
    const history = await connection?.request(
      'chat.history',
      { sessionKey: destination.sessionKey, limit: rowsAsked },
      { signal: one.abort.signal },
    );
    if (!isOpen(one)) return;
    const end = history?.ok === true ? endOfRun(history.value, id) : null;
    if (end === null) {
      lookIn(one, Math.min(waitedMs * looksGrowBy, longestBetweenLooksMs));
      return;
    }
    settle(id);
    if (end.outcome === 'failed') options.door().failed(id, 'its run failed');
    else options.door().replied(id, end.text);
  };

  return {
    send: (crossing, mayLeave) => {
      const { id, destination, text } = crossing;
      const { gatewayId, sessionKey } = destination;
      const one: Open = {
        crossing,
        abort: new AbortController(),
        isLooking: false,
        cancelLook: () => undefined,
      };
      open.set(id, one);
      const request = options.connection(gatewayId)?.request(
        'chat.send',
        { sessionKey, message: text, idempotencyKey: id },
        {
          signal: one.abort.signal,
          mayLeave: (peer) => {
            const pin = options.pinOf(gatewayId, peer);
            return isOpen(one) && pin !== null && mayLeave(pin);
          },
        },
      );
      void (request ?? Promise.resolve(notConnected)).then((answer) => {
        sent(one, answer);
      });
    },
    abort: settle,
    admitted: (gatewayId, event) => {
      if (event.kind !== 'chat') return;
      const one = open.get(event.runId);
      if (one?.crossing.destination.gatewayId !== gatewayId) return;
      if (event.state === 'final' || event.state === 'error' || event.state === 'aborted')
        lookIn(one, firstLookAfterMs);
    },
  };
}

const notConnected: Result<never, GatewayFailure> = {
  ok: false,
  error: {
    kind: 'offline',
    sent: false,
    code: 'NOT_CONNECTED',
    message: 'The gateway is not connected.',
    retryable: true,
  },
};
