/**
 * What the app does with one request of an agent's tools, whichever way it came.
 *
 * Invariants
 * 1. Nothing of a request is looked at before its token is known.
 * 2. A caller who is not known, not let in any more, or refused by the broker gets the same answer.
 * 3. A call is answered within `longestWaitMs`: with its answer, or with a ticket for it.
 */
import type { Clock } from '../../base/index.ts';
import type { CallAnswer, Caller } from '../broker/crossing.ts';
import type { AgentDoor } from '../broker/model.ts';
import {
  crossingCall,
  longestWaitMs,
  notAvailable,
  parseRequest,
  toolAnswer,
  type DoorRequest,
  type ToolAnswer,
} from './protocol.ts';
import type { DoorWay, Refusals } from './refusals.ts';

export interface AnsweringOptions {
  readonly door: AgentDoor;
  /** Something that `door.result` shows, or who is let in, has changed. */
  readonly onChange: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly callers: {
    find(token: string): Caller | 'unknown' | 'locked';
    isAdmitted(caller: Caller): boolean;
  };
  readonly refusals: Pick<Refusals, 'add'>;
}

/** Answers a request that came with a token; `gone` is aborted when nobody waits for the answer any more. */
export type Answering = (
  way: DoorWay,
  token: string,
  request: string,
  gone: AbortSignal,
) => Promise<ToolAnswer>;

/** Makes it. */
export function createAnswering(options: AnsweringOptions): Answering {
  const { door, callers, refusals } = options;

  const firstAnswer = (caller: Caller, request: DoorRequest): CallAnswer => {
    if ('ticket' in request) return door.result(caller, request.ticket);
    const call = crossingCall(request.call);
    return call.ok ? door.call(caller, call.value) : { status: 'invalid', problem: call.error };
  };

  return async (way, token, text, gone) => {
    const caller = callers.find(token);
    if (caller === 'unknown' || caller === 'locked') {
      refusals.add(way, caller === 'unknown' ? 'token' : 'locked');
      return notAvailable;
    }
    const request = parseRequest(text);
    if (request === null) {
      refusals.add(way, 'request');
      return notAvailable;
    }
    const answer = await settled(options, caller, firstAnswer(caller, request), gone);
    return callers.isAdmitted(caller) ? toolAnswer(answer) : notAvailable;
  };
}

function settled(
  { door, onChange, clock, callers }: AnsweringOptions,
  caller: Caller,
  first: CallAnswer,
  gone: AbortSignal,
): Promise<CallAnswer> {
  if (first.status !== 'waiting') return Promise.resolve(first);
  const { ticket } = first;
  return new Promise((resolve) => {
    const finish = (answer: CallAnswer): void => {
      stopListening();
      cancel();
      gone.removeEventListener('abort', leave);
      resolve(answer);
    };
    const look = (): void => {
      const answer = door.result(caller, ticket);
      if (answer.status !== 'waiting' || !callers.isAdmitted(caller)) finish(answer);
    };
    const leave = (): void => finish(first);
    const stopListening = onChange(look);
    const cancel = clock.after(longestWaitMs, leave);
    gone.addEventListener('abort', leave, { once: true });
    if (gone.aborted) leave();
  });
}
