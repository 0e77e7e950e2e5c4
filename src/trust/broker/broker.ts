/**
 * The broker: the only code that performs a crossing, which is when something passes from one domain to another.
 *
 * Invariants
 * 1. Bytes leave for another domain only along an edge of trust, only as approved by a person for exactly these bytes or
 *    within a grant of a person, only after the intent is on disk, and only to the key that the domain's roster names.
 * 2. Trust, epoch and key are looked at again at the write to the socket, not only when the call was made.
 * 3. Cutting trust raises the epoch, on disk first. What is of an earlier epoch is dropped and never revived: calls,
 *    questions to the person, approvals, grants, tickets, replies that come back, replies that are held.
 * 4. What comes back reaches an agent only as `replies.ts` lets it, and only for a call that is under way.
 * 5. Every refusal looks the same to an agent.
 * 6. An intent without outcome, left by a crash, is told at the next start.
 */
import { createEmitter, fail, ok, type Result } from '../../base/index.ts';
import { appError, type AppError, type DomainId } from '../../shared/index.ts';
import { createApprovals } from '../approvals.ts';
import { checkEdges, hasEdge } from '../edges.ts';
import type { PolicyDecision } from '../model.ts';
import {
  digestOf,
  textOf,
  type CallAnswer,
  type Caller,
  type CrossingCall,
  type Destination,
} from './crossing.ts';
import { createCrossingLog } from './crossing-log.ts';
import { findingsOf } from './findings.ts';
import { createGrants, widestGrant } from './grants.ts';
import type { Broker } from './model.ts';
import type { BrokerLimits, BrokerOptions } from './ports.ts';
import { createRates, defaultRates, type Rates } from './rates.ts';
import { createReplies } from './replies.ts';
import {
  asksOf,
  decisionOn,
  openCalls,
  savedState,
  scopeOf,
  type BrokerState,
  type OpenCall,
} from './state.ts';

export const defaultLimits: BrokerLimits = {
  approvalMs: 120_000,
  grant: widestGrant,
  rates: defaultRates,
  openCalls: 4,
  callMs: 10 * 60_000,
  tickets: 100,
};

const notAvailable: CallAnswer = { status: 'not-available' };
const saveAgainAfterMs = 1_000;

/** Makes the broker over what the last run left: trust where it was on, and nothing that was under way. */
export function createBroker(options: BrokerOptions): Broker {
  const { clock, random, log, store, link } = options;
  const limits = options.limits ?? defaultLimits;
  const changes = createEmitter<null>();
  const saved = store.load();
  // An epoch in the log that the store does not know: trust was cut, and that could not be saved.
  const wasCut = log.epoch() > saved.epoch;
  const stored = checkEdges(wasCut ? [] : saved.edges, options.domains());
  const state: BrokerState = {
    epoch: Math.max(saved.epoch, log.epoch()),
    edges: stored.ok ? stored.value : [],
    calls: new Map(),
    held: new Map(),
    tainted: new Set(saved.tainted),
    approvals: createApprovals(limits.approvalMs),
    grants: createGrants(limits.grant),
  };
  const { calls, approvals, grants } = state;
  const crossings = createCrossingLog(log, clock, () => state.epoch);
  const { write, writeOf } = crossings;
  const replies = createReplies(state, crossings, options);
  const rates = new Map<string, Rates>();
  let cancelSave = (): void => undefined;

  const changed = (): void => changes.emit(null);

  const ratesOf = (from: DomainId, to: DomainId): Rates => {
    const name = `${from} ${to}`;
    const known = rates.get(name) ?? createRates(limits.rates);
    rates.set(name, known);
    return known;
  };

  const settle = (one: OpenCall, answer: CallAnswer): void => {
    one.phase = 'settled';
    one.answer = answer;
    one.cancelDeadline();
  };

  /** Ends a call that led to nothing; where there is an intent, its outcome is written. */
  const end = (one: OpenCall, why: string): void => {
    const { phase } = one;
    settle(one, notAvailable);
    if (phase !== 'sending' && phase !== 'sent') return;
    link.abort(one.id);
    const detail = `${why}; ${phase === 'sent' ? 'the text had left' : 'nothing left'}`;
    // If the log fails now, the intent stays without an outcome, and the next start tells.
    writeOf(one, { code: 'crossing.outcome', effect: 'deny', detail });
  };

  const endAll = (why: string): void => {
    approvals.clear();
    grants.drop();
    for (const one of calls.values()) if (one.phase !== 'settled') end(one, why);
  };

  /** Asked at the socket (invariant 2). */
  const mayLeave = (one: OpenCall, peerPin: string): boolean =>
    one.phase === 'sending' &&
    one.epoch === state.epoch &&
    hasEdge(state.edges, one.caller.domain, one.call.to) &&
    peerPin === one.destination.pin &&
    options.rosters().domainOf(peerPin) === one.call.to;

  const begin = (one: OpenCall, decision: PolicyDecision): void => {
    const { caller, call, destination } = one;
    const nowMs = clock.bootMs();
    const rate = ratesOf(caller.domain, call.to);
    if (!rate.hasRoom(nowMs)) {
      end(one, 'too many');
      return;
    }
    const isApproved = decision.condition === 'approved';
    const logged = writeOf(one, {
      code: 'crossing.intent',
      effect: 'allow',
      rule: decision.rule,
      obligations: [isApproved ? 'consume' : 'decrement', 'log'],
      detail: `to ${destination.gatewayId}`,
    });
    if (!logged.ok) {
      end(one, 'no log, no crossing');
      return;
    }
    rate.take(nowMs);
    if (isApproved) approvals.use(one.digest, state.epoch, nowMs);
    else grants.charge(scopeOf(one));
    one.phase = 'sending';
    const wantsReply = one.call.action === 'ask_work';
    link.send({ id: one.id, destination, text: one.text, wantsReply }, (peerPin) => {
      const may = mayLeave(one, peerPin);
      if (may) {
        one.phase = 'sent';
      } else if (one.phase === 'sending') {
        end(one, 'stopped at the socket');
        pump();
      }
      return may;
    });
  };

  /** Lets calls go on that may, one at a time for each edge. */
  const pump = (): void => {
    for (const one of [...calls.values()]) {
      if (one.phase !== 'waiting') continue;
      const isBusy = openCalls(state, one.caller.domain, one.call.to).some(
        ({ phase }) => phase !== 'waiting',
      );
      if (isBusy) continue;
      const decision = decisionOn(state, options, one);
      if (decision.effect === 'allow') begin(one, decision);
      else if (decision.effect === 'deny') end(one, decision.reason);
    }
    changed();
  };

  const refuse = (caller: Caller | null, call: CrossingCall, rule: string): CallAnswer => {
    crossings.refused(caller, call, rule);
    return notAvailable;
  };

  const open = (
    caller: Caller,
    call: CrossingCall,
    text: string,
    destination: Destination,
  ): OpenCall => {
    const id = random.id();
    const { digest } = options;
    const one: OpenCall = {
      id,
      caller,
      call,
      text,
      digest: digestOf(digest, call, caller.domain, text, destination, state.epoch),
      destination,
      findings: findingsOf(text, options.canaries()),
      epoch: state.epoch,
      atMs: clock.wallMs(),
      phase: 'waiting',
      answer: { status: 'waiting', ticket: id },
      cancelDeadline: clock.after(limits.callMs, () => {
        end(one, 'no answer in time');
        pump();
      }),
    };
    return one;
  };

  /** Settled calls are kept for their tickets, the oldest go first. */
  const forgetOldest = (): void => {
    for (const [id, { phase }] of calls) {
      if (calls.size <= limits.tickets) return;
      if (phase === 'settled') calls.delete(id);
    }
  };

  const save = (): Result<null, AppError> => {
    cancelSave();
    const result = store.save(savedState(state));
    if (!result.ok) cancelSave = clock.after(saveAgainAfterMs, () => void save());
    return result;
  };

  const unfinished = log.unfinished();
  for (const { actId } of unfinished)
    write({
      code: 'crossing.unfinished',
      principal: 'app',
      action: 'recover',
      actId,
      effect: 'deny',
      detail: 'the app ended before the outcome was known; the text may have left',
    });

  return {
    view: () => ({
      epoch: state.epoch,
      edges: state.edges,
      asks: asksOf(state, options),
      grants: grants.list(clock.bootMs()),
      held: [...state.held.values()],
      tainted: [...state.tainted],
      unfinished,
    }),
    onChange: (listener) => changes.on(listener),

    call: (caller, call) => {
      if (caller === null) return refuse(caller, call, 'auth');
      const text = textOf(call);
      if (!text.ok) return { status: 'invalid', problem: text.error };
      const from = caller.domain;
      if (!hasEdge(state.edges, from, call.to)) return refuse(caller, call, 'no trust');
      const destination = options.destination(call.to);
      if (destination === null || options.rosters().domainOf(destination.pin) !== call.to)
        return refuse(caller, call, 'no gateway of this domain');
      const isFull = openCalls(state, from, call.to).length >= limits.openCalls;
      if (isFull || !ratesOf(from, call.to).hasRoom(clock.bootMs()))
        return refuse(caller, call, 'too many');
      const one = open(caller, call, text.value, destination);
      const { effect, rule } = decisionOn(state, options, one);
      if (effect === 'deny') {
        settle(one, notAvailable);
        return refuse(caller, call, rule);
      }
      const detail = one.findings.map(({ kind }) => kind).join(', ');
      const obligations = ['show-exact', 'bind-digest'];
      if (
        effect === 'ask' &&
        !writeOf(one, { code: 'crossing.asked', effect, rule, obligations, detail }).ok
      ) {
        settle(one, notAvailable);
        return notAvailable;
      }
      calls.set(one.id, one);
      forgetOldest();
      pump();
      return one.answer;
    },
    result: (caller, ticket) => {
      const one = calls.get(ticket);
      return one === undefined || one.caller.id !== caller?.id ? notAvailable : one.answer;
    },

    approve: (digest) => {
      const asked = asksOf(state, options).find((ask) => ask.digest === digest);
      if (asked === undefined)
        return fail(appError('not-found', 'Nothing waits for this approval any more.'));
      const written = write({
        code: 'approval.given',
        principal: 'user',
        action: 'approve',
        from: asked.from,
        to: asked.to,
        resource: `session:${asked.to}`,
        obligations: ['bind-digest'],
        body: asked.text,
      });
      if (!written.ok) return written;
      approvals.give(digest, state.epoch, clock.bootMs());
      pump();
      return ok(null);
    },
    decline: (digest) => {
      for (const one of calls.values())
        if (one.phase === 'waiting' && one.digest === digest) {
          writeOf(one, { code: 'approval.refused', principal: 'user', effect: 'deny' });
          end(one, 'declined');
        }
      pump();
    },
    grant: ({ from, to }, action, terms) => {
      const destination = options.destination(to);
      if (!hasEdge(state.edges, from, to) || destination === null)
        return fail(appError('denied', `Trust does not lead from ${from} to ${to} now.`));
      if (state.tainted.has(from))
        return fail(
          appError(
            'denied',
            `Agents of ${from} have read free text of another domain. Let them begin anew first.`,
          ),
        );
      const checked = grants.check(terms);
      if (!checked.ok) return fail(appError('bad-input', checked.error));
      const written = write({
        code: 'grant.given',
        principal: 'user',
        action,
        from,
        to,
        resource: `session:${to}`,
        detail: `${terms.calls} calls of ${terms.bytesEach} bytes for ${terms.forMs / 60_000} minutes`,
      });
      if (!written.ok) return written;
      const { pin, sessionKey } = destination;
      const scope = { from, to, action, sessionKey, pin };
      const given = grants.give(scope, terms, state.epoch, clock.bootMs());
      pump();
      return ok(given);
    },
    endGrants: () => {
      grants.drop();
      write({ code: 'grant.ended', principal: 'user', action: 'change_policy' });
      changed();
    },
    give: (handle, digest) => {
      const given = replies.give(handle, digest);
      changed();
      return given;
    },
    clearTaint: (domain) => {
      const cleared = write({
        code: 'trust.cleared',
        principal: 'user',
        action: 'change_policy',
        from: domain,
      });
      if (!cleared.ok) return cleared;
      state.tainted.delete(domain);
      changed();
      return save();
    },
    allow: (edge) => {
      const next = checkEdges([...state.edges, edge], options.domains());
      if (!next.ok) return fail(appError('denied', next.error));
      const allowed = { principal: 'user', action: 'change_policy', ...edge };
      const written = write({ code: 'trust.allowed', ...allowed });
      if (!written.ok) return written;
      const result = store.save({ ...savedState(state), edges: next.value });
      if (result.ok) state.edges = next.value;
      changed();
      return result;
    },
    revoke: (edge) => {
      state.epoch += 1;
      state.edges = state.edges.filter(
        ({ from, to }) => edge !== undefined && (from !== edge.from || to !== edge.to),
      );
      const result = save();
      endAll('trust was cut');
      calls.clear();
      state.held.clear();
      const cut = { from: edge?.from ?? null, to: edge?.to ?? null };
      write({ code: 'trust.revoked', principal: 'user', action: 'change_policy', ...cut });
      log.seal();
      changed();
      return result;
    },

    rulesChanged: () => {
      endAll('the rules changed');
      changed();
    },
    left: (id) => {
      const one = calls.get(id);
      if (one?.phase !== 'sent' || one.call.action !== 'tell_work') return;
      writeOf(one, { code: 'crossing.outcome', effect: 'allow', detail: 'told' });
      settle(one, { status: 'delivered' });
      pump();
    },
    failed: (id, detail) => {
      const one = calls.get(id);
      if (one?.phase !== 'sending' && one?.phase !== 'sent') return;
      end(one, detail);
      pump();
    },
    replied: (id, text) => {
      const one = calls.get(id);
      if (one?.phase !== 'sent' || one.epoch !== state.epoch) return;
      if (one.call.action === 'tell_work') return;
      settle(one, replies.deliver(one, text) ?? notAvailable);
      pump();
    },
    close: () => {
      cancelSave();
      for (const one of calls.values()) if (one.phase !== 'settled') end(one, 'the app was closed');
      log.seal();
    },
  };
}
