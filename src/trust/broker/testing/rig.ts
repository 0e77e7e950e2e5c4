import { fail, ok } from '../../../base/index.ts';
import { manualClock } from '../../../base/testing/manual-clock.ts';
import { appError } from '../../../shared/index.ts';
import { defaultPolicyText } from '../../default-policy.ts';
import { parsePolicy } from '../../policy.ts';
import { createRosters } from '../../rosters.ts';
import { memoryAuditLog } from '../../testing/memory-audit-log.ts';
import { createBroker, defaultLimits } from '../broker.ts';
import type { CrossingCall, OutgoingCrossing } from '../crossing.ts';
import type { BrokerLimits, TrustState } from '../ports.ts';

const domains = ['personal', 'work', 'client'];
export const agent = { id: 'agent 1', domain: 'personal' };
export const toWork = { from: 'personal', to: 'work' };
export const question = 'Is the meeting about ATLAS still at three?';

/** A question to work. */
export function ask(change: Partial<CrossingCall> = {}): CrossingCall {
  return {
    action: 'ask_work',
    to: 'work',
    text: question,
    purpose: 'to plan the day',
    answer: { type: 'yes-no' },
    ...change,
  };
}

/** A broker with one gateway in each domain, and a link that keeps what it is given until it is told to write. */
export function rig(limits: Partial<BrokerLimits> = {}, policyText: string = defaultPolicyText) {
  const clock = manualClock();
  const log = memoryAuditLog();
  const link = new Map<
    string,
    OutgoingCrossing & { readonly mayLeave: (pin: string) => boolean }
  >();
  const arrived: OutgoingCrossing[] = [];
  const disk = { isFull: false, saved: { epoch: 0, edges: [], tainted: [] } as TrustState };
  let ids = 0;
  let policy = parsePolicy(policyText);
  const made = createRosters([
    { pin: 'pin:home', domain: 'personal' },
    { pin: 'pin:work', domain: 'work' },
    { pin: 'pin:client', domain: 'client' },
  ]);
  if (!made.ok) throw new Error(made.error);
  const open = () =>
    createBroker({
      clock,
      log,
      limits: { ...defaultLimits, ...limits },
      random: { unit: () => 0, id: () => `id${(ids += 1)}` },
      digest: (text) => `#${text}`,
      store: {
        load: () => disk.saved,
        save: (state) => {
          if (disk.isFull) return fail(appError('storage', 'The disk is full.', true));
          disk.saved = state;
          return ok(null);
        },
      },
      link: {
        send: (crossing, mayLeave) => link.set(crossing.id, { ...crossing, mayLeave }),
        abort: (id) => link.delete(id),
      },
      domains: () => domains,
      rosters: () => made.value,
      policy: () => policy,
      destination: (to) => ({ gatewayId: `gw-${to}`, pin: `pin:${to}`, sessionKey: 'main' }),
      canaries: () => ['blue heron seven'],
    });
  const broker = open();
  return {
    broker,
    open,
    clock,
    log,
    link,
    arrived,
    disk,
    setPolicy: (text: string) => {
      policy = parsePolicy(text);
      broker.rulesChanged();
    },
    /** Calls as an agent, and is asked about nothing. */
    ticket: (call: CrossingCall, caller = agent): string => {
      const answer = broker.call(caller, call);
      if (answer.status !== 'waiting') throw new Error(answer.status);
      return answer.ticket;
    },
    approve: () => broker.approve(broker.view().asks[0]?.digest ?? ''),
    /** Writes what the link holds, to the peer that it leads to. */
    write: () => {
      for (const [id, { mayLeave, ...crossing }] of [...link]) {
        link.delete(id);
        if (!mayLeave(crossing.destination.pin)) continue;
        arrived.push(crossing);
        broker.left(id);
      }
    },
    codes: () => log.entries.map(({ code }) => code),
  };
}

/** With trust on. */
export function trusting(limits: Partial<BrokerLimits> = {}, policyText?: string) {
  const made = rig(limits, policyText);
  const allowed = made.broker.allow(toWork);
  if (!allowed.ok) throw new Error(allowed.error.message);
  return made;
}
