/**
 * What comes back to an agent of another domain.
 *
 * Invariants
 * 1. An agent gets values of the form that it asked for, rebuilt here, or text that a person or the policy hands it.
 * 2. Nothing is handed over before it is in the log.
 * 3. With free text of another domain an agent loses its grants, and gets none until a person clears it.
 */
import { fail, ok, type Random, type Result } from '../../base/index.ts';
import { appError, type AppError, type DomainId } from '../../shared/index.ts';
import { labelOf, typedLabel, unionOf } from '../label.ts';
import { decide } from '../policy.ts';
import type { Digest } from '../ports.ts';
import { holdsText, readAnswer } from './answer-schema.ts';
import type { CallAnswer } from './crossing.ts';
import type { CrossingLog } from './crossing-log.ts';
import type { BrokerOptions } from './ports.ts';
import { savedState, type BrokerState, type OpenCall } from './state.ts';

/** A reply longer than this is cut for the person; it never is an answer of a form. All that is held is part of the state. */
const longestReply = 20_000;
const mostHeld = 20;

export interface Replies {
  /** What an agent gets of a reply; null when the log could not be written, and it gets nothing. */
  deliver(one: OpenCall, text: string): CallAnswer | null;
  give(handle: string, digest: string): Result<null, AppError>;
}

/** Makes the way back. */
export function createReplies(
  state: BrokerState,
  { write, writeOf }: CrossingLog,
  options: Pick<BrokerOptions, 'policy' | 'store'> & {
    readonly random: Random;
    readonly digest: Digest;
  },
): Replies {
  const taint = (domain: DomainId, why: string): Result<null, AppError> => {
    const written = write({
      code: 'trust.tainted',
      principal: 'app',
      action: 'deliver_reply',
      from: domain,
      obligations: ['end-grants'],
      detail: why,
    });
    if (!written.ok) return written;
    state.tainted.add(domain);
    state.grants.drop(domain);
    return options.store.save(savedState(state));
  };

  const hold = (one: OpenCall, whole: string): CallAnswer => {
    const handle = options.random.id();
    const text = whole.slice(0, longestReply);
    const { caller, call } = one;
    const digest = options.digest(text);
    state.held.set(handle, { handle, from: call.to, to: caller.domain, text, digest, call: one });
    const [oldest] = state.held.keys();
    if (state.held.size > mostHeld && oldest !== undefined) state.held.delete(oldest);
    return { status: 'answered', handle, characters: text.length };
  };

  return {
    deliver: (one, text) => {
      const { caller, call } = one;
      const typed = call.answer === null ? null : readAnswer(call.answer, text);
      const decision = decide(options.policy(), {
        principal: 'app',
        action: 'deliver_reply',
        resource: `agent:${caller.domain}`,
        labels: [call.to],
        facts: typed === null ? [] : ['typed'],
      });
      const isGiven = decision.effect === 'allow';
      if (isGiven && typed === null && !taint(caller.domain, 'free text was given as it came').ok)
        return null;
      const what = isGiven ? (typed === null ? 'latched' : 'typed') : 'held';
      const written = writeOf(one, {
        code: 'crossing.outcome',
        effect: decision.effect,
        rule: decision.rule,
        body: text,
        ...outcomes[what],
      });
      if (!written.ok) return null;
      if (!isGiven) return hold(one, text);
      const label = labelOf(call.to);
      if (typed === null) return { status: 'answered', text, label };
      const hasLetters = call.answer !== null && holdsText(call.answer);
      return { status: 'answered', value: typed.value, label: hasLetters ? label : unionOf([]) };
    },
    give: (handle, digest) => {
      const reply = state.held.get(handle);
      if (reply?.digest !== digest)
        return fail(appError('not-found', 'This text is not held any more.'));
      const { call: one, text, to, from } = reply;
      const decision = decide(options.policy(), {
        principal: 'user',
        action: 'deliver_reply',
        resource: `agent:${to}`,
        labels: [from],
      });
      if (decision.effect !== 'allow') return fail(appError('denied', decision.reason));
      const tainted = taint(to, 'a person gave it free text');
      if (!tainted.ok) return tainted;
      const written = writeOf(one, {
        code: 'reply.given',
        principal: 'user',
        action: 'deliver_reply',
        effect: 'allow',
        rule: decision.rule,
        body: text,
      });
      if (!written.ok) return written;
      state.held.delete(handle);
      one.answer = { status: 'answered', text, label: unionOf([labelOf(from), typedLabel]) };
      return ok(null);
    },
  };
}

const outcomes = {
  typed: { detail: 'given as values', obligations: ['endorse-typed'] },
  held: { detail: 'held for the person', obligations: ['handle-only', 'show-user'] },
  latched: { detail: 'given as free text', obligations: ['taint'] },
} as const;
