import { at, call, get, of, parts, phase, phases, type ModelEvent } from './vocabulary.ts';

/** Whether it can happen now, in the world or at a person's hand. @param asked texts that a person is asked about */
export function isPossible(
  s: readonly number[],
  event: ModelEvent,
  asked: (state: readonly number[]) => readonly number[],
  revokes: number,
): boolean {
  const isUp = get(s, at.up) === 1;
  const { index, kind } = parts(event);
  const now = phase(s, index);
  if (event === 'start') return !isUp;
  if (event === 'the log breaks') return get(s, at.logOk) === 1;
  if (event === 'the log is mended') return get(s, at.logOk) === 0;
  if (event === 'another peer answers') return true;
  if (!isUp) return false;
  switch (kind) {
    case 'allow':
      return get(s, at.on) === 0;
    case 'revoke':
      return get(s, at.gEpoch) < revokes;
    case 'ask':
    case 'stranger asks':
    case 'ask too much':
      return phase(s, 0) === phases.none || phase(s, 1) === phases.none;
    case 'approve':
    case 'decline':
      return asked(s).includes(index);
    case 'write':
      return now === phases.sending;
    case 'fail':
      return now === phases.sending || now === phases.sent;
    case 'W answers in form':
    case 'W answers freely':
      return get(s, call(index, of.written)) === 1 && get(s, call(index, of.net)) === 0;
    case 'receive':
      return get(s, call(index, of.net)) !== 0;
    case 'give':
    case 'give another text':
      return now === phases.held;
    case 'clear taint':
      return get(s, at.taint) === 1;
    case 'forget':
      return now >= phases.typed;
    default:
      return true;
  }
}
