import { createEmitter } from '../../../base/index.ts';
import type { CallAnswer, Caller, CrossingCall } from '../../broker/crossing.ts';
import type { AgentDoor } from '../../broker/model.ts';

/** A broker that does what its test says, and remembers what reached it. */
export interface FakeDoor extends AgentDoor {
  readonly calls: { readonly caller: Caller | null; readonly call: CrossingCall }[];
  /** What each call, and each ticket, is answered with from now on. */
  answer: CallAnswer;
  onChange(listener: () => void): () => void;
  /** As when something has happened: those who wait look again. */
  change(answer: CallAnswer): void;
}

/** Makes one that answers `not-available`. */
export function fakeDoor(): FakeDoor {
  const changes = createEmitter<null>();
  const door: FakeDoor = {
    calls: [],
    answer: { status: 'not-available' },
    call: (caller, call) => {
      door.calls.push({ caller, call });
      return door.answer;
    },
    result: () => door.answer,
    onChange: (listener) => changes.on(listener),
    change: (answer) => {
      door.answer = answer;
      changes.emit(null);
    },
  };
  return door;
}
