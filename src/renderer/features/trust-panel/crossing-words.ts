import type {
  Domain,
  GatewayView,
  Translate,
  TrustDecision,
  WordKey,
} from '../../../shared/index.ts';
import { domainName } from '../../app/words.ts';

/** The names that ids of the log stand for. */
export interface CrossingNames {
  readonly domains: readonly Domain[];
  readonly gateways: readonly Pick<GatewayView, 'id' | 'name'>[];
}

/** What each action of the log is called; a Map, so that no word of the log can hit a built-in name. */
const things: ReadonlyMap<string, WordKey> = new Map<string, WordKey>([
  ['append', 'trust.what.append'],
  ['refresh', 'trust.what.refresh'],
  ['announce', 'trust.what.announce'],
  ['notify', 'trust.what.notify'],
  ['send', 'trust.what.send'],
  ['open_link', 'trust.what.open-link'],
  ['ui_command', 'trust.what.ui-command'],
  ['approve', 'trust.what.approve'],
  ['pair', 'trust.what.pair'],
  ['invoke_host', 'trust.what.invoke-host'],
  ['save_file', 'trust.what.save-file'],
  ['ask_work', 'trust.what.ask-work'],
  ['tell_work', 'trust.what.tell-work'],
  ['deliver_reply', 'trust.what.deliver-reply'],
  ['bind_session', 'trust.what.bind-session'],
  ['change_policy', 'trust.what.change-policy'],
  ['unknown', 'trust.what.unknown'],
  ['recover', 'trust.what.recover'],
]);

const principals: ReadonlyMap<string, WordKey> = new Map<string, WordKey>([
  ['user', 'view.you'],
  ['app', 'app.name'],
  ['ext', 'trust.who.outside'],
]);

/** Who wanted it, in words. What this version does not know is shown as it was written down. */
export function crossingWho(
  t: Translate,
  { principal }: Pick<TrustDecision, 'principal'>,
  { domains }: CrossingNames,
): string {
  const key = principals.get(principal);
  if (key !== undefined) return t(key);
  const domain = after('gateway:', principal);
  if (domain !== null) return t('trust.who.gateway', { domain: domainName(domains, domain) });
  const agents = after('agent:', principal);
  return agents === null
    ? principal
    : t('trust.who.agent', { domain: domainName(domains, agents) });
}

/** What an action of the log is called; its own name where this version does not know it. */
export function crossingKind(t: Translate, action: string): string {
  const key = things.get(action);
  return key === undefined ? action : t(key);
}

/**
 * What it was about and where it came from or would have gone, in words. Reads the typed fields alone: `detail` is for
 * the record, and nothing is parsed out of it.
 */
export function crossingWhat(
  t: Translate,
  { action, resource }: Pick<TrustDecision, 'action' | 'resource'>,
  { domains, gateways }: CrossingNames,
): string {
  const what = crossingKind(t, action);
  if (resource === 'app') return what;
  if (resource === 'os' || resource === 'host') return t('trust.what.here', { what });
  const domain =
    after('session:', resource) ?? after('connection:', resource) ?? after('agent:', resource);
  if (domain !== null) return t('trust.what.to', { what, place: domainName(domains, domain) });
  // Dropped events are written down under the gateway that sent them.
  const sender = gateways.find((gateway) => gateway.id === resource);
  return sender === undefined
    ? t('trust.what.other', { what, place: resource })
    : t('trust.what.from', { what, place: sender.name });
}

function after(prefix: string, text: string): string | null {
  return text.startsWith(prefix) ? text.slice(prefix.length) : null;
}
