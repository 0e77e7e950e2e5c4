/**
 * What the broker must do, said a second time and in another way: a small machine of numbers for one edge of trust, two
 * texts and two calls at once. It is explored whole (`npm run trust -- model`), and the broker is run beside it.
 *
 * The ghost: fields that begin with `g` are what a person has done, kept apart from what the machine believes. What must
 * hold is said of the ghost alone. (The first version of the reference said it of the machine's own epoch, and let three
 * of 20 mutants live.)
 */

import { isPossible } from './possible.ts';
import {
  at,
  call,
  get,
  phase,
  callWidth,
  guards,
  modelWidth,
  of,
  parts,
  phases,
  textWithFinding,
  type Guard,
  type ModelBounds,
  type ModelEvent,
} from './vocabulary.ts';

export interface Reference {
  initial(): number[];
  isEnabled(state: readonly number[], event: ModelEvent): boolean;
  /** Changes the state; says what the caller saw, and what rule is broken, if any. */
  apply(
    state: number[],
    event: ModelEvent,
  ): { readonly seen: string; readonly problem: string | null };
  phaseOf(state: readonly number[], call: number): number;
  /** Texts that a person is asked about. */
  asked(state: readonly number[]): readonly number[];
}

/** The machine, without the guards in `removed`. */
export function createReference(bounds: ModelBounds, removed: readonly Guard[] = []): Reference {
  const has = Object.fromEntries(
    guards.map((guard) => [guard, !removed.includes(guard)]),
  ) as Readonly<Record<Guard, boolean>>;
  const enabledEvents = new Set(bounds.events);
  let problem: string | null = null;
  const broken = (rule: string): void => {
    problem ??= rule;
  };

  const textAt = (s: readonly number[], index: number): number => get(s, call(index, of.text));

  const approvalPlace = (text: number): number => at.approval + (has['bound to text'] ? text : 0);
  const isApproved = (s: readonly number[], text: number): boolean => {
    const given = get(s, approvalPlace(text));
    return given > 0 && (given === get(s, at.epoch) + 1 || !has['approval dies at revoke']);
  };
  const isGranted = (s: readonly number[], text: number): boolean =>
    get(s, at.grant) > 0 &&
    (get(s, at.grantEpoch) === get(s, at.epoch) || !has['grant dies at revoke']) &&
    (get(s, at.taint) === 0 || !has['no grant while tainted']) &&
    (text !== textWithFinding || !has['findings ask']);

  const setPhase = (s: number[], index: number, next: number): void => {
    s[call(index, of.phase)] = next;
    if (next === phases.refused) {
      for (const field of [of.text, of.epoch, of.gBy, of.gEpoch, of.gLogged])
        s[call(index, field)] = 0;
    }
  };
  const clearCall = (s: number[], index: number): void => {
    for (let field = 0; field < callWidth; field += 1) s[call(index, field)] = 0;
  };

  /** The outcome of a call that had an intent. False: it could not be written. */
  const outcome = (s: number[]): boolean => {
    if (get(s, at.logOk) === 0) return false;
    s[at.intents] = Math.max(0, get(s, at.intents) - 1);
    return true;
  };

  const end = (s: number[], index: number): void => {
    const was = phase(s, index);
    if (was === phases.sending || was === phases.sent) outcome(s);
    setPhase(s, index, phases.refused);
  };

  const begin = (s: number[], index: number): void => {
    const text = textAt(s, index);
    if (get(s, at.rate) >= bounds.rate && has.rate) {
      end(s, index);
      return;
    }
    const isLogged = get(s, at.logOk) === 1;
    if (!isLogged && has['intent first']) {
      end(s, index);
      return;
    }
    if (isLogged) s[at.intents] = Math.min(bounds.intents, get(s, at.intents) + 1);
    s[at.rate] = Math.min(bounds.rate, get(s, at.rate) + 1);
    s[at.gRate] = get(s, at.gRate) + 1;
    if (get(s, at.gRate) > bounds.rate) broken('more crossings than the rate allows');
    let by: number;
    if (isApproved(s, text)) {
      if (has['approval once']) s[approvalPlace(text)] = 0;
      by = get(s, at.gAct + text) === 1 ? 1 : 0;
      s[at.gAct + text] = 0;
    } else {
      if (has['grant counted']) s[at.grant] = get(s, at.grant) - 1;
      const isCovered =
        get(s, at.gGrant) > 0 && get(s, at.gTaint) === 0 && text !== textWithFinding;
      by = isCovered ? 2 : 0;
      if (isCovered) s[at.gGrant] = get(s, at.gGrant) - 1;
    }
    s[call(index, of.phase)] = phases.sending;
    s[call(index, of.gBy)] = by;
    s[call(index, of.gEpoch)] = get(s, at.gEpoch);
    s[call(index, of.gLogged)] = isLogged ? 1 : 0;
    const underWay = [0, 1].filter((other) =>
      [phases.sending, phases.sent].includes(phase(s, other) as 2 | 3),
    );
    if (underWay.length > 1) broken('two crossings are under way at once');
  };

  const pump = (s: number[]): void => {
    for (const index of [0, 1]) {
      if (phase(s, index) !== phases.waiting) continue;
      const isBusy = [0, 1].some((other) =>
        [phases.sending, phases.sent].includes(phase(s, other) as 2 | 3),
      );
      if (isBusy && has['one at a time']) continue;
      const text = textAt(s, index);
      if (isApproved(s, text) || isGranted(s, text)) begin(s, index);
    }
  };

  /** A person is asked about waiting calls that nothing lets go. */
  const asked = (s: readonly number[]): readonly number[] =>
    [0, 1].filter((text) =>
      [0, 1].some(
        (index) =>
          phase(s, index) === phases.waiting &&
          textAt(s, index) === text &&
          !isApproved(s, text) &&
          !isGranted(s, text),
      ),
    );

  const ask = (s: number[], text: number): string => {
    if (get(s, at.on) === 0 && has.edgeAtCall) return 'not-available';
    if (get(s, at.rate) >= bounds.rate && has.rate) return 'not-available';
    const isLet = isApproved(s, text) || isGranted(s, text);
    if (!isLet && get(s, at.logOk) === 0) return 'not-available';
    const index = phase(s, 0) === 0 ? 0 : 1;
    clearCall(s, index);
    s[call(index, of.phase)] = phases.waiting;
    s[call(index, of.text)] = text;
    s[call(index, of.epoch)] = get(s, at.epoch);
    pump(s);
    if (phase(s, index) !== phases.refused) return 'waiting';
    clearCall(s, index);
    return 'not-available';
  };

  const taint = (s: number[]): void => {
    s[at.gTaint] = 1;
    s[at.gGrant] = 0;
    if (!has.taint) return;
    s[at.taint] = 1;
    if (has['grant dies at taint']) s[at.grant] = 0;
  };

  const endAll = (s: number[], isRevoke: boolean): void => {
    s[at.gAct] = s[at.gAct + 1] = s[at.gGrant] = 0;
    if (has[isRevoke ? 'approval dies at revoke' : 'approval dies with rules'])
      s[at.approval] = s[at.approval + 1] = 0;
    if (has[isRevoke ? 'grant dies at revoke' : 'grant dies with rules']) s[at.grant] = 0;
    // What was let go under other rules is not let go under these.
    if (!isRevoke) for (const index of [0, 1]) s[call(index, of.gBy)] = 0;
    if (!has[isRevoke ? 'calls end at revoke' : 'calls end with rules']) return;
    for (const index of [0, 1]) {
      const now = phase(s, index);
      if (now >= phases.waiting && now <= phases.sent) end(s, index);
    }
  };

  const deliver = (s: number[], index: number, isTyped: boolean): void => {
    const isUnderWay =
      phase(s, index) === phases.sent && get(s, call(index, of.gEpoch)) === get(s, at.gEpoch);
    const isFreeText = !isTyped;
    const isGiven = isTyped || bounds.latch || !has['free text held'];
    const mayGoOn = get(s, at.logOk) === 1 || (!has['outcome first'] && isTyped);
    if (!mayGoOn) {
      setPhase(s, index, phases.refused);
      return;
    }
    const isLogged = outcome(s);
    if (!isUnderWay || get(s, at.gOn) === 0)
      broken('a reply was taken for a call that is not under way');
    if (!isLogged) broken('a reply was taken that is not in the log');
    if (isGiven && isFreeText) {
      taint(s);
      if (!bounds.latch) broken('free text reached the agent, and nobody gave it');
    }
    s[call(index, of.phase)] = isTyped ? phases.typed : isGiven ? phases.given : phases.held;
    s[call(index, of.text)] = 0;
    s[call(index, of.gBy)] = 0;
    s[call(index, of.gLogged)] = 0;
  };

  const act = (s: number[], event: ModelEvent): string => {
    const { index } = parts(event);
    const isLogOk = get(s, at.logOk) === 1;
    switch (event) {
      case 'allow':
        if (!isLogOk) return 'failed';
        s[at.on] = s[at.savedOn] = s[at.gOn] = 1;
        return 'done';
      case 'revoke': {
        s[at.epoch] = get(s, at.epoch) + 1;
        s[at.on] = s[at.gOn] = 0;
        s[at.gEpoch] = get(s, at.gEpoch) + 1;
        s[at.savedEpoch] = get(s, at.epoch); // the log knows it, too
        if (has['revoke survives']) s[at.savedOn] = 0;
        endAll(s, true);
        if (has['tickets go at revoke'] && has['calls end at revoke'])
          for (const one of [0, 1]) if (phase(s, one) !== 0) setPhase(s, one, phases.refused);
        return 'done';
      }
      case 'ask 0':
      case 'ask 1':
        return ask(s, index);
      case 'stranger asks': {
        if (has['known caller']) return 'not-available';
        const seen = ask(s, 0);
        if (seen === 'waiting') broken('a call of nobody was taken');
        return seen;
      }
      case 'ask too much':
        if (has.size) return 'invalid';
        broken('a text that is too long to show was taken');
        return 'waiting';
      case 'approve 0':
      case 'approve 1':
        if (!isLogOk && has['approval logged']) return 'failed';
        if (!isLogOk) broken('an approval counts that is not in the log');
        s[approvalPlace(index)] = get(s, at.epoch) + 1;
        s[at.gAct + index] = 1;
        pump(s);
        return 'done';
      case 'decline 0':
      case 'decline 1':
        for (const one of [0, 1])
          if (phase(s, one) === phases.waiting && textAt(s, one) === index) end(s, one);
        pump(s);
        return 'done';
      case 'grant':
        if (get(s, at.on) === 0 && has['no grant without trust']) return 'failed';
        if (get(s, at.taint) === 1 && has['no grant while tainted']) return 'failed';
        if (!isLogOk) return 'failed';
        s[at.grant] = bounds.grantCalls;
        s[at.grantEpoch] = get(s, at.epoch);
        if (get(s, at.gOn) === 1) s[at.gGrant] = bounds.grantCalls;
        pump(s);
        return 'done';
      case 'end grants':
        s[at.grant] = s[at.gGrant] = 0;
        return 'done';
      case 'write 0':
      case 'write 1': {
        const isOfEpoch =
          (get(s, call(index, of.epoch)) === get(s, at.epoch) && get(s, at.on) === 1) ||
          !has['epoch at socket'];
        const isPinned = get(s, at.peer) === get(s, at.pin) || !has['pin at socket'];
        if (!isOfEpoch || !isPinned) {
          end(s, index);
          pump(s);
          return 'stopped';
        }
        if (get(s, at.gOn) === 0) broken('bytes left although trust is cut');
        if (get(s, call(index, of.gEpoch)) !== get(s, at.gEpoch))
          broken('bytes left that were let go before trust was cut');
        if (get(s, call(index, of.gBy)) === 0)
          broken('bytes left that no act of a person and no grant covers');
        if (get(s, call(index, of.gLogged)) === 0) broken('bytes left before the log knew');
        if (get(s, at.peer) !== get(s, at.pin)) broken('bytes left for another peer');
        s[call(index, of.phase)] = phases.sent;
        s[call(index, of.written)] = 1;
        return 'left';
      }
      case 'fail 0':
      case 'fail 1':
        end(s, index);
        pump(s);
        return 'done';
      case 'W answers 0 in form':
      case 'W answers 1 in form':
        s[call(index, of.net)] = 1;
        return 'done';
      case 'W answers 0 freely':
      case 'W answers 1 freely':
        s[call(index, of.net)] = 2;
        return 'done';
      case 'receive 0':
      case 'receive 1': {
        const isTyped = get(s, call(index, of.net)) === 1;
        s[call(index, of.net)] = 0;
        const isUnderWay =
          phase(s, index) === phases.sent ||
          (!has['reply under way'] && phase(s, index) === phases.refused);
        const isOfEpoch =
          get(s, call(index, of.epoch)) === get(s, at.epoch) ||
          !has['reply of this epoch'] ||
          !has['reply under way'];
        if (!isUnderWay || !isOfEpoch) return 'discarded';
        deliver(s, index, isTyped);
        pump(s);
        return 'taken';
      }
      case 'give 0':
      case 'give 1':
        if (!isLogOk) return 'failed';
        taint(s);
        s[call(index, of.phase)] = phases.given;
        return 'done';
      case 'give another text 0':
        if (has['text given is text shown']) return 'failed';
        broken('a text was given that was not the one on show');
        return 'done';
      case 'clear taint':
        if (!isLogOk) return 'failed';
        s[at.taint] = s[at.gTaint] = 0;
        return 'done';
      case 'two minutes pass':
        s[at.gAct] = s[at.gAct + 1] = 0;
        if (has['approval expires']) s[at.approval] = s[at.approval + 1] = 0;
        return 'done';
      case 'hours pass':
        s[at.gAct] = s[at.gAct + 1] = s[at.gGrant] = 0;
        if (has['approval expires']) s[at.approval] = s[at.approval + 1] = 0;
        if (has['grant expires']) s[at.grant] = 0;
        s[at.rate] = s[at.gRate] = 0;
        for (const one of [0, 1]) {
          const now = phase(s, one);
          if (now >= phases.waiting && now <= phases.sent) end(s, one);
        }
        return 'done';
      case 'W is pinned anew':
      case 'policy changes':
        if (event === 'W is pinned anew') s[at.pin] = 1 - get(s, at.pin);
        endAll(s, false);
        return 'done';
      case 'another peer answers':
        s[at.peer] = 1 - get(s, at.peer);
        return 'done';
      case 'the log breaks':
        s[at.logOk] = 0;
        return 'done';
      case 'the log is mended':
        s[at.logOk] = 1;
        return 'done';
      case 'crash':
        s[at.up] = s[at.on] = s[at.epoch] = 0;
        s[at.gAct] = s[at.gAct + 1] = s[at.gGrant] = s[at.gRate] = 0;
        s[at.approval] = s[at.approval + 1] = s[at.grant] = s[at.grantEpoch] = s[at.rate] = 0;
        if (!has['taint survives']) s[at.taint] = 0;
        for (const one of [0, 1]) {
          if (phase(s, one) === 0) continue;
          clearCall(s, one);
          s[call(one, of.phase)] = phases.refused;
        }
        return 'done';
      case 'start': {
        s[at.up] = 1;
        s[at.on] = get(s, at.savedOn);
        s[at.epoch] = get(s, at.savedEpoch);
        if (get(s, at.on) > get(s, at.gOn)) broken('trust that was cut is on again after a start');
        if (get(s, at.epoch) < get(s, at.gEpoch)) broken('the epoch went back');
        const told = has['unfinished told'] ? get(s, at.intents) : 0;
        if (told !== get(s, at.intents)) broken('a crossing without an end is not told');
        if (isLogOk) s[at.intents] = 0;
        return `told ${told}`;
      }
      case 'forget 0':
      case 'forget 1':
        if (index === 0)
          for (let field = 0; field < callWidth; field += 1)
            s[call(0, field)] = get(s, call(1, field));
        clearCall(s, 1);
        return 'done';
    }
  };

  /** What must hold in every state. */
  const judge = (s: readonly number[]): void => {
    if (get(s, at.up) === 0) return;
    for (const index of [0, 1]) {
      const now = phase(s, index);
      if (now === phases.none || now === phases.refused) continue;
      if (get(s, at.gOn) === 0) broken('a call or an answer is there although trust is cut');
      if (now > phases.waiting && get(s, call(index, of.gEpoch)) !== get(s, at.gEpoch))
        broken('a call or an answer of before the cut is there');
    }
  };

  return {
    initial: () => {
      const state = Array.from({ length: modelWidth }, () => 0);
      state[at.up] = 1;
      state[at.logOk] = 1;
      return state;
    },
    isEnabled: (state, event) =>
      enabledEvents.has(event) && isPossible(state, event, asked, bounds.revokes),
    apply: (state, event) => {
      problem = null;
      const seen = act(state, event);
      judge(state);
      if (get(state, at.grant) === 0) state[at.grantEpoch] = 0;
      return { seen, problem };
    },
    phaseOf: phase,
    asked,
  };
}
