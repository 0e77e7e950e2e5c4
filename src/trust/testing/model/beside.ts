/** The broker beside the reference model: the same events, and what each lets see compared after every one. */
import { manualClock } from '../../../base/testing/manual-clock.ts';
import { ok, type Clock, type Random } from '../../../base/index.ts';
import type { Broker } from '../../broker/model.ts';
import type { BrokerLimits, BrokerOptions, TrustState } from '../../broker/ports.ts';
import type { CallAnswer, CrossingCall } from '../../broker/crossing.ts';
import { defaultPolicyText } from '../../default-policy.ts';
import { createRosters } from '../../rosters.ts';
import type { TrustPolicy } from '../../model.ts';
import { memoryAuditLog } from '../memory-audit-log.ts';
import { createReference, type Reference } from './reference.ts';
import { at, parts, phases, type ModelBounds, type ModelEvent } from './vocabulary.ts';

/** What is run: the shipped modules, or the same with a guard removed. */
export interface Subject {
  createBroker(options: BrokerOptions): Broker;
  parsePolicy(text: string): TrustPolicy;
}

/** What broker and model differ in. */
export interface Difference {
  readonly step: number;
  readonly event: ModelEvent;
  readonly model: string;
  readonly broker: string;
}

const texts = [
  'Is the meeting about ATLAS still at three?',
  'Is anna.example@mail.example still in your address list?',
] as const;
const overlong = 'x'.repeat(2_001);
const caller = { id: 'agent', domain: 'personal' };
const edge = { from: 'personal', to: 'work' };
const pins = ['pin of the old key', 'pin of the new key'] as const;

/** So that two minutes end an approval and nothing else, and hours end everything in a known order: calls last. */
const minuteMs = 60_000;
const longMs = 1_000_000 * minuteMs;
const afterTwoMinutesMs = 2 * minuteMs + 1;
const hoursMs = 4 * longMs;

function limitsOf(bounds: ModelBounds): BrokerLimits {
  return {
    approvalMs: 2 * minuteMs,
    grant: { calls: bounds.grantCalls, bytesEach: 2_000, forMs: longMs },
    rates: [{ count: bounds.rate, withinMs: longMs }],
    openCalls: 2,
    callMs: 3 * longMs,
    tickets: 10,
  };
}

/** The broker in a world that the events of the model move. */
interface Rig {
  /** What the caller saw. */
  apply(event: ModelEvent): string;
  /** What can be seen of it from outside. */
  shown(): string;
}

function createRig(subject: Subject, bounds: ModelBounds): Rig {
  const clock = manualClock();
  const log = memoryAuditLog();
  const limits = limitsOf(bounds);
  const policy = subject.parsePolicy(
    bounds.latch ? `app deliver_reply agent:* - allow\n${defaultPolicyText}` : defaultPolicyText,
  );
  let saved: TrustState = { epoch: 0, edges: [], tainted: [] };
  let pin = 0;
  let peer = 0;
  let ids = 0;
  let isUp = true;
  /** Tickets of the calls, in the order in which they came. */
  let tickets: string[] = [];
  const onWay = new Map<string, 'in form' | 'freely'>();
  const written = new Set<string>();
  let pending = new Map<string, (peerPin: string) => boolean>();

  const random: Random = { unit: () => 0, id: () => `id${(ids += 1)}` };
  let life = 0;
  /** The clock of one life of the app: when that is over, its timers are gone. */
  const clockOf = (thisLife: number): Clock => ({
    ...clock,
    after: (delayMs, run) => clock.after(delayMs, () => (life === thisLife ? run() : undefined)),
  });
  const open = (): Broker =>
    subject.createBroker({
      clock: clockOf(life),
      random,
      log,
      limits,
      digest: (text) => text,
      store: {
        load: () => saved,
        save: (state) => {
          saved = state;
          return ok(null);
        },
      },
      link: {
        send: ({ id }, mayLeave) => {
          const isLogged = log.unfinished().some(({ actId }) => actId === id);
          if (!isLogged) throw new Error('it is sent before the log knows');
          pending.set(id, mayLeave);
        },
        abort: (id) => pending.delete(id),
      },
      domains: () => ['personal', 'work'],
      rosters: () => {
        const made = createRosters([{ pin: pins[pin] ?? '', domain: 'work' }]);
        if (!made.ok) throw new Error(made.error);
        return made.value;
      },
      policy: () => policy,
      destination: () => ({ gatewayId: 'acme', pin: pins[pin] ?? '', sessionKey: 'main' }),
      canaries: () => [],
    });
  let broker = open();

  const callOf = (text: string): CrossingCall => ({
    action: 'ask_work',
    to: 'work',
    text,
    purpose: '',
    answer: { type: 'yes-no' },
  });
  const ask = (text: string, by: typeof caller | null): string => {
    const answer = broker.call(by, callOf(text));
    if (answer.status === 'waiting') tickets.push(answer.ticket);
    return answer.status;
  };
  const askedFor = (text: string): string =>
    broker.view().asks.find((one) => one.text.startsWith(text))?.digest ?? 'nothing';
  const heldOf = (ticket: string) => {
    const answer = broker.result(caller, ticket);
    const handle = 'handle' in answer ? answer.handle : '';
    return broker.view().held.find((one) => one.handle === handle);
  };
  const done = (result: { readonly ok: boolean }): string => (result.ok ? 'done' : 'failed');

  const act = (event: ModelEvent): string => {
    const { index } = parts(event);
    const ticket = tickets[index] ?? '';
    const text = texts[index] ?? '';
    switch (event) {
      case 'allow':
        return done(broker.allow(edge));
      case 'revoke':
        return done(broker.revoke());
      case 'ask 0':
      case 'ask 1':
        return ask(text, caller);
      case 'stranger asks':
        return ask(texts[0], null);
      case 'ask too much':
        return ask(overlong, caller);
      case 'approve 0':
      case 'approve 1':
        return done(broker.approve(askedFor(text)));
      case 'decline 0':
      case 'decline 1':
        broker.decline(askedFor(text));
        return 'done';
      case 'grant':
        return done(broker.grant(edge, 'ask_work', limits.grant));
      case 'end grants':
        broker.endGrants();
        return 'done';
      case 'write 0':
      case 'write 1': {
        const mayLeave = pending.get(ticket);
        if (mayLeave?.(pins[peer] ?? '') !== true) {
          pending.delete(ticket);
          return 'stopped';
        }
        pending.delete(ticket);
        written.add(ticket);
        broker.left(ticket);
        return 'left';
      }
      case 'fail 0':
      case 'fail 1':
        pending.delete(ticket);
        broker.failed(ticket, 'the connection broke');
        return 'done';
      case 'W answers 0 in form':
      case 'W answers 1 in form':
        onWay.set(ticket, 'in form');
        return 'done';
      case 'W answers 0 freely':
      case 'W answers 1 freely':
        onWay.set(ticket, 'freely');
        return 'done';
      case 'receive 0':
      case 'receive 1': {
        const reply = onWay.get(ticket);
        onWay.delete(ticket);
        const before = statusOf(broker.result(caller, ticket));
        if (written.has(ticket))
          broker.replied(ticket, reply === 'in form' ? 'true' : 'Ask me no more.');
        // A call that was under way is so no longer, whatever became of it.
        return before === 'waiting' ? 'taken' : 'discarded';
      }
      case 'give 0':
      case 'give 1': {
        const held = heldOf(ticket);
        return done(broker.give(held?.handle ?? '', held?.digest ?? ''));
      }
      case 'give another text 0':
        return done(broker.give(heldOf(ticket)?.handle ?? '', 'the digest of another text'));
      case 'clear taint':
        return done(broker.clearTaint('personal'));
      case 'two minutes pass':
        clock.advance(afterTwoMinutesMs);
        return 'done';
      case 'hours pass':
        clock.advance(hoursMs);
        return 'done';
      case 'W is pinned anew':
      case 'policy changes':
        if (event === 'W is pinned anew') pin = 1 - pin;
        broker.rulesChanged();
        return 'done';
      case 'another peer answers':
        peer = 1 - peer;
        return 'done';
      case 'the log breaks':
      case 'the log is mended':
        log.isBroken = event === 'the log breaks';
        return 'done';
      case 'crash':
        isUp = false;
        life += 1;
        pending = new Map();
        onWay.clear();
        written.clear();
        return 'done';
      case 'start': {
        isUp = true;
        broker = open();
        return `told ${broker.view().unfinished.length}`;
      }
      case 'forget 0':
      case 'forget 1':
        tickets = tickets.filter((one) => one !== ticket);
        return 'done';
    }
  };

  return {
    apply: (event) => {
      const seen = act(event);
      log.trim();
      return seen;
    },
    shown: () => {
      if (!isUp) return 'down';
      const { epoch, edges, asks, grants, tainted } = broker.view();
      return [
        `epoch ${epoch}`,
        edges.length > 0 ? 'on' : 'off',
        tainted.length > 0 ? 'tainted' : 'clean',
        `grant ${grants[0]?.callsLeft ?? 0}`,
        `asks ${texts.flatMap((text, index) => (asks.some((one) => one.text.startsWith(text)) ? [index] : [])).join()}`,
        ...tickets.map((ticket) => {
          const isPending = pending.has(ticket) ? ' under way' : '';
          return statusOf(broker.result(caller, ticket)) + isPending;
        }),
      ].join(', ');
    },
  };
}

function statusOf(answer: CallAnswer): string {
  if (answer.status !== 'answered') return answer.status;
  return 'value' in answer ? 'values' : 'handle' in answer ? 'handle' : 'text';
}

/** What the model says that can be seen. */
function shownBy(reference: Reference, state: readonly number[]): string {
  const value = (place: number): number => state[place] ?? 0;
  if (value(at.up) === 0) return 'down';
  const words: Readonly<Record<number, string>> = {
    [phases.waiting]: 'waiting',
    [phases.sending]: 'waiting under way',
    [phases.sent]: 'waiting',
    [phases.typed]: 'values',
    [phases.held]: 'handle',
    [phases.given]: 'text',
    [phases.refused]: 'not-available',
  };
  return [
    `epoch ${value(at.epoch)}`,
    value(at.on) === 1 ? 'on' : 'off',
    value(at.taint) === 1 ? 'tainted' : 'clean',
    `grant ${value(at.grant)}`,
    `asks ${reference.asked(state).join()}`,
    ...[0, 1].flatMap((index) => words[reference.phaseOf(state, index)] ?? []),
  ].join(', ');
}

/** Both, one event after the other. */
export interface Beside {
  readonly enabled: () => readonly ModelEvent[];
  /** Null: they agree. */
  apply(event: ModelEvent): Difference | null;
}

/** Starts both anew. */
export function besides(subject: Subject, bounds: ModelBounds): Beside {
  const reference = createReference({ ...bounds, intents: Infinity });
  const state = reference.initial();
  const rig = createRig(subject, bounds);
  let step = 0;
  return {
    enabled: () => bounds.events.filter((event) => reference.isEnabled(state, event)),
    apply: (event) => {
      step += 1;
      const { seen, problem } = reference.apply(state, event);
      if (problem !== null) throw new Error(`the model breaks its own rule: ${problem}`);
      const model = `${seen}; ${shownBy(reference, state)}`;
      let broker: string;
      try {
        broker = `${rig.apply(event)}; ${rig.shown()}`;
      } catch (error) {
        broker = `threw ${String(error)}`;
      }
      return model === broker ? null : { step, event, model, broker };
    },
  };
}

/** Replays events on both; events that the model, with all its guards, cannot do are left out. */
export function replay(
  subject: Subject,
  bounds: ModelBounds,
  events: readonly ModelEvent[],
): Difference | null {
  const both = besides(subject, bounds);
  for (const event of events) {
    if (!both.enabled().includes(event)) continue;
    const difference = both.apply(event);
    if (difference !== null) return difference;
  }
  return null;
}

/** How often each event is chosen where it can happen: what leads on more than what ends everything. */
const weights: Readonly<Partial<Record<ModelEvent, number>>> = {
  allow: 30,
  'ask 0': 20,
  'ask 1': 12,
  'approve 0': 20,
  'approve 1': 20,
  'write 0': 20,
  'write 1': 20,
  'W answers 0 in form': 12,
  'W answers 1 in form': 12,
  'W answers 0 freely': 8,
  'W answers 1 freely': 8,
  'receive 0': 20,
  'receive 1': 20,
  'forget 0': 12,
  'forget 1': 12,
  'the log is mended': 20,
  start: 40,
  grant: 4,
  'clear taint': 6,
  revoke: 2,
  'hours pass': 2,
};

export interface RandomRun {
  readonly steps: number;
  /** How often bytes left, and how often a call was answered. */
  readonly left: number;
  readonly taken: number;
  readonly difference: Difference | null;
  readonly events: readonly ModelEvent[];
}

/** A random sequence on both. @param unit numbers in [0, 1) */
export function randomRun(
  subject: Subject,
  bounds: ModelBounds,
  steps: number,
  unit: () => number,
): RandomRun {
  const both = besides(subject, { ...bounds, revokes: Infinity });
  const events: ModelEvent[] = [];
  let left = 0;
  let taken = 0;
  for (let step = 0; step < steps; step += 1) {
    const event = chosen(both.enabled(), unit);
    events.push(event);
    const difference = both.apply(event);
    if (difference !== null) return { steps: step + 1, left, taken, difference, events };
    if (event.startsWith('write')) left += 1;
    if (event.startsWith('receive')) taken += 1;
  }
  return { steps, left, taken, difference: null, events };
}

function chosen(events: readonly ModelEvent[], unit: () => number): ModelEvent {
  const total = events.reduce((sum, event) => sum + (weights[event] ?? 1), 0);
  let left = unit() * total;
  for (const event of events) {
    left -= weights[event] ?? 1;
    if (left < 0) return event;
  }
  return events[events.length - 1] ?? 'start';
}
