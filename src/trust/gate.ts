/**
 * The door for everything that gateways send by themselves: an allowlist of event families, decided by the policy.
 *
 * Invariants
 * 1. Only families of the table below pass, only when the policy allows what they ask for, and only as the typed fields
 *    of `AdmittedEvent`. Which gateway and which domain an event is of comes from the connection, never from the event.
 * 2. What is dropped and is not a routine broadcast is counted, by gateway and family.
 * 3. The log gets one line per gateway and family and minute, with the count, however many events there are.
 * 4. What is kept per gateway is bounded: names of families come from the tables here, never from the gateway.
 */
import type { Clock, Logger } from '../base/index.ts';
import type { DomainId } from '../shared/index.ts';
import {
  readAgentTool,
  readChat,
  readSessionMessage,
  readSessionsChanged,
  readShutdown,
} from './event-shapes.ts';
import type { AdmittedEvent, PolicyDecision, Resource, TrustAction, TrustPolicy } from './model.ts';
import { decide } from './policy.ts';
import type { DecisionLog } from './ports.ts';

export interface EventGate {
  /** The event as the app may use it; null when it is dropped. `domain`: the gateway's own, from the settings. */
  admit(
    gatewayId: string,
    domain: DomainId,
    event: { readonly event: string; readonly payload: unknown },
  ): AdmittedEvent | null;
  /** How many events were dropped since start, by gateway (routine broadcasts not counted). */
  dropped(): Readonly<Record<string, number>>;
  /** Writes what is not in the log yet. */
  close(): void;
}

interface Family {
  readonly action: TrustAction;
  readonly on: 'session' | 'connection';
  readonly read: (payload: unknown) => AdmittedEvent | null;
}

const families: Readonly<Record<string, Family>> = {
  chat: { action: 'append', on: 'session', read: readChat },
  'session.message': { action: 'append', on: 'session', read: readSessionMessage },
  agent: { action: 'append', on: 'session', read: readAgentTool },
  'session.tool': { action: 'append', on: 'session', read: readAgentTool },
  'sessions.changed': { action: 'refresh', on: 'session', read: readSessionsChanged },
  shutdown: { action: 'announce', on: 'connection', read: readShutdown },
};

/** Broadcasts that every healthy gateway sends and this app has no use for. */
const routine: ReadonlySet<string> = new Set([
  'tick',
  'health',
  'presence',
  'heartbeat',
  'cron',
  'update.available',
  'chat.metadata.changed',
  'config.changed',
  'plugins.changed',
  'skills.changed',
  'session.operation',
  'session.observer',
]);

/** Families that ask for something, by the first word of their name, and what they ask for. */
const commands: Readonly<Record<string, TrustAction>> = {
  node: 'invoke_host',
  browser: 'invoke_host',
  terminal: 'invoke_host',
  ui: 'ui_command',
  board: 'ui_command',
  canvas: 'ui_command',
  portal: 'ui_command',
  talk: 'ui_command',
  voicewake: 'ui_command',
  exec: 'approve',
  plugin: 'approve',
  openclaw: 'approve',
  question: 'approve',
  session: 'approve',
  device: 'pair',
};

/** The first line of a flood comes soon, so that a person who looks sees it; then one a minute. */
const firstLineAfterMs = 1_000;
const lineEveryMs = 60_000;

interface Tally {
  readonly gatewayId: string;
  readonly domain: DomainId;
  readonly family: string;
  readonly action: TrustAction;
  pending: number;
  lastLineAtMs: number | null;
  cancel: (() => void) | null;
}

/** Makes the gate. It reads the policy and writes to the log; it has no other effect. */
export function createEventGate(options: {
  readonly policy: TrustPolicy;
  readonly log: DecisionLog;
  readonly clock: Clock;
  readonly logger: Logger;
}): EventGate {
  const { policy, log, clock, logger } = options;
  const tallies = new Map<string, Tally>();
  const totals = new Map<string, number>();

  const write = (tally: Tally): void => {
    tally.cancel?.();
    tally.cancel = null;
    if (tally.pending === 0) return;
    const decision = ask(policy, tally.domain, tally.action, 'session');
    const recorded = log.record({
      atMs: clock.wallMs(),
      principal: `gateway:${tally.domain}`,
      action: tally.action,
      resource: tally.gatewayId,
      effect: 'deny',
      rule: decision.effect === 'deny' ? decision.rule : 'not built: no such event has an effect',
      count: tally.pending,
      detail: `events dropped: ${tally.family}`,
    });
    // Dropping needs no permission of the log: a full disk must not open the gate.
    if (!recorded.ok)
      logger.warn('dropped events could not be logged', { detail: recorded.error.message });
    tally.pending = 0;
    tally.lastLineAtMs = clock.bootMs();
  };

  const drop = (gatewayId: string, domain: DomainId, family: string, action: TrustAction): null => {
    totals.set(gatewayId, (totals.get(gatewayId) ?? 0) + 1);
    const name = `${gatewayId}\n${domain}\n${family}`;
    const tally = tallies.get(name) ?? {
      gatewayId,
      domain,
      family,
      action,
      pending: 0,
      lastLineAtMs: null,
      cancel: null,
    };
    tallies.set(name, tally);
    tally.pending += 1;
    tally.cancel ??= clock.after(
      tally.lastLineAtMs === null
        ? firstLineAfterMs
        : Math.max(firstLineAfterMs, tally.lastLineAtMs + lineEveryMs - clock.bootMs()),
      () => {
        write(tally);
      },
    );
    return null;
  };

  return {
    admit: (gatewayId, domain, { event, payload }) => {
      const family = Object.hasOwn(families, event) ? families[event] : undefined;
      if (family === undefined) {
        if (routine.has(event)) return null;
        const word = event.split('.', 1)[0] ?? '';
        const action = Object.hasOwn(commands, word) ? commands[word] : undefined;
        return action === undefined
          ? drop(gatewayId, domain, 'unknown', 'unknown')
          : drop(gatewayId, domain, `${word}.*`, action);
      }
      if (ask(policy, domain, family.action, family.on).effect === 'deny')
        return drop(gatewayId, domain, event, family.action);
      if (isRoutinePayload(event, payload)) return null;
      return family.read(payload) ?? drop(gatewayId, domain, `${event} (malformed)`, family.action);
    },
    dropped: () => Object.fromEntries(totals),
    close: () => {
      for (const tally of tallies.values()) write(tally);
    },
  };
}

function ask(
  policy: TrustPolicy,
  domain: DomainId,
  action: TrustAction,
  on: Family['on'],
): PolicyDecision {
  const resource: Resource = `${on}:${domain}`;
  return decide(policy, { principal: `gateway:${domain}`, action, resource, labels: [domain] });
}

/** Agent streams other than tool calls repeat what `chat` says; rows of other roles are not shown. */
function isRoutinePayload(event: string, payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null) return false;
  if (event === 'agent')
    return 'stream' in payload && typeof payload.stream === 'string' && payload.stream !== 'tool';
  if (event !== 'session.message' || !('message' in payload)) return false;
  const { message } = payload;
  return (
    typeof message === 'object' &&
    message !== null &&
    'role' in message &&
    (message.role === 'system' || message.role === 'custom')
  );
}
