/**
 * A register in DNS: the lease is a TXT record beside the pair's name, and changes together with the name's address in one
 * signed update (RFC 2136 with TSIG, RFC 8945) at the zone's primary server.
 *
 * Invariants
 * 1. An update carries the exact value last read as its prerequisite; lease and address change together or not at all.
 * 2. One update at a time; and it is the server that decides between us and others.
 * 3. `conflict` and `swapped` come from a verified answer only; every other trouble is `unknown`.
 * 4. An update that the server received twice (asked again, or doubled by the network) did happen although the answer that
 *    came says conflict: after a conflict the register is read again, and holding exactly our value is `present`.
 * 5. A holder "none" or "revoked" leaves the address as it is: an empty answer would be remembered by resolvers.
 */
import { fail, ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { nobody, revoked } from '../election/model.ts';
import type { RegisterRead, RegisterRecord, RegisterSwap } from '../model.ts';
import type { Register } from '../ports.ts';
import { createDnsClient } from './dns-client.ts';
import type { DnsClientPorts } from './dns-client.ts';
import { dnsCodes, dnsTypes } from './dns-message.ts';
import { canonicalName } from './dns-name.ts';
import {
  codeWords,
  hasAddress,
  leaseName,
  queryMessage,
  readLease,
  updateMessage,
} from './lease-messages.ts';
import type { LeasePlace } from './lease-messages.ts';
import { publishedAddress } from './lease-text.ts';
import type { PublishedAddress } from './lease-text.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { sameRecord } from './record.ts';
import type { TsigAlgorithm, TsigKey } from './tsig.ts';

const defaultTimeoutMs = 1000;
/** With less time than this left, asking is pointless (the boot clock counts in 10 ms). */
const leastMs = 20;
/** How often the address is looked at while the lease is renewed. */
const addressCheckMs = 5000;

export interface Rfc2136Options {
  /** The zone's primary server: an IP address. */
  readonly server: string;
  readonly port: number;
  readonly zone: string;
  /** What clients look up; in the zone. */
  readonly name: string;
  /** Of the address; 0 keeps resolvers from remembering it. */
  readonly ttlSeconds: number;
  readonly key: {
    readonly name: string;
    readonly algorithm: TsigAlgorithm;
    /** The base64 text that `tsig-keygen` prints, or why it is not known; asked each time, so a new one is noticed. */
    readonly secret: () => Promise<Result<string, string>>;
  };
  readonly timeoutMs?: number | undefined;
}

export interface Rfc2136Ports extends DnsClientPorts {
  readonly makeKey: (name: string, algorithm: TsigAlgorithm, secret: string) => TsigKey | null;
}

/** Says what is wrong with names of a configuration, and what to do; null when nothing is. */
export function rfc2136Problem(names: {
  readonly zone: string;
  readonly name: string;
  readonly key: { readonly name: string };
}): string | null {
  const zone = canonicalName(names.zone);
  const name = canonicalName(names.name);
  if (zone === null) return `zone: ${names.zone} is not a DNS name; write it like home.lan`;
  if (name === null || canonicalName(`_lease.${name}`) === null)
    return `name: ${names.name} is not a DNS name, or too long; write it like gateway.home.lan`;
  if (name !== zone && !name.endsWith(`.${zone}`))
    return `name: ${names.name} does not lie in the zone ${names.zone}; correct one of them`;
  if (canonicalName(names.key.name) === null)
    return `key.name: ${names.key.name} is not a DNS name; copy it from the server's configuration`;
  return null;
}

/** Opens the register. Throws when `rfc2136Problem` has something to say. */
export function rfc2136Register(
  options: Rfc2136Options,
  ports: Rfc2136Ports,
): Register & { close(): void } {
  const place = placeOf(options);
  const { clock } = ports;
  const client = createDnsClient({ host: options.server, port: options.port }, ports);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const address = addressWatch(clock);
  const inTurn = oneAtATime();
  let isClosed = false;

  const findKey = async (): Promise<Result<TsigKey, string>> => {
    const secret = await options.key.secret();
    if (!secret.ok) return secret;
    const key = ports.makeKey(place.keyName, options.key.algorithm, secret.value);
    return key === null
      ? fail('the secret of the key must be base64, as tsig-keygen prints it')
      : ok(key);
  };

  const readBy = async (untilMs: number): Promise<RegisterRead> => {
    const found = await findKey();
    if (!found.ok) return { kind: 'unreadable', detail: found.error };
    const build = (id: number) => queryMessage(id, leaseName(place), dnsTypes.TXT);
    const asked = await client.ask(build, found.value, untilMs);
    return asked.kind === 'failed'
      ? { kind: 'unreadable', detail: asked.words }
      : readLease(asked.message, place);
  };

  const swapBy = async (
    expected: RegisterRecord | null,
    next: RegisterRecord,
    untilMs: number,
  ): Promise<RegisterSwap> => {
    if (isClosed || untilMs - clock.bootMs() < leastMs)
      return { kind: 'unknown', detail: 'the update was not sent: another one took all the time' };
    const found = await findKey();
    if (!found.ok) return { kind: 'unknown', detail: found.error };
    const change = address.changeFor(expected, next);
    const message = updateMessage(0, place, expected, next, change);
    if (message === null)
      return { kind: 'unknown', detail: `the record of ${next.holder} cannot be written as text` };
    const asked = await client.ask((id) => ({ ...message, id }), found.value, untilMs);
    if (asked.kind === 'failed') return { kind: 'unknown', detail: asked.words };
    const { code } = asked.message;
    if (code === dnsCodes.noError) {
      if (change !== null) address.isPublished();
      return { kind: 'swapped' };
    }
    if (code !== dnsCodes.setExists && code !== dnsCodes.setMissing)
      return { kind: 'unknown', detail: codeWords(code, place) };
    const now = await readBy(untilMs);
    if (now.kind === 'unreadable') return { kind: 'unknown', detail: now.detail };
    const isOurs = now.kind === 'found' && sameRecord(now.record, next);
    return isOurs ? { kind: 'present' } : { kind: 'conflict' };
  };

  const checkAddress = async (expected: PublishedAddress): Promise<void> => {
    const found = await findKey();
    if (!found.ok) return;
    const untilMs = clock.bootMs() + timeoutMs;
    const types = [dnsTypes.A, dnsTypes.AAAA];
    const answers = await Promise.all(
      types.map((type) =>
        client.ask((id) => queryMessage(id, place.name, type), found.value, untilMs),
      ),
    );
    const messages = answers.flatMap((asked) => (asked.kind === 'answered' ? [asked.message] : []));
    if (messages.length === types.length && !hasAddress(messages, expected)) address.isWrong();
  };

  return {
    read: () => readBy(clock.bootMs() + timeoutMs),
    compareAndSwap: (expected, next) => {
      const untilMs = clock.bootMs() + timeoutMs;
      return inTurn(async () => {
        const result = await swapBy(expected, next, untilMs);
        const published = addressOf(next);
        if (result.kind === 'swapped' && published !== null && address.isCheckDue())
          void checkAddress(published);
        return result;
      });
    },
    close: () => {
      isClosed = true;
    },
  };
}

/** Knows when the address has to go with a swap: at every change of the active gateway, and when it was found wrong. */
function addressWatch(clock: Clock) {
  let isSure = false;
  let checkedAtMs = clock.bootMs();
  return {
    changeFor: (expected: RegisterRecord | null, next: RegisterRecord): PublishedAddress | null => {
      const isRenewal =
        expected?.epoch === next.epoch &&
        expected.holder === next.holder &&
        expected.addr === next.addr;
      return isRenewal && isSure ? null : addressOf(next);
    },
    isPublished: (): void => {
      isSure = true;
    },
    isWrong: (): void => {
      isSure = false;
    },
    isCheckDue: (): boolean => {
      if (clock.bootMs() - checkedAtMs < addressCheckMs) return false;
      checkedAtMs = clock.bootMs();
      return true;
    },
  };
}

/** What a record publishes; null where it leaves the address as it is (invariant 5). */
function addressOf({ holder, addr }: RegisterRecord): PublishedAddress | null {
  return holder === nobody || holder === revoked ? null : publishedAddress(addr);
}

function placeOf(options: Rfc2136Options): LeasePlace {
  const problem = rfc2136Problem(options);
  if (problem !== null) throw new Error(problem);
  const canonical = (name: string): string => canonicalName(name) ?? name;
  return {
    zone: canonical(options.zone),
    name: canonical(options.name),
    ttlSeconds: options.ttlSeconds,
    keyName: canonical(options.key.name),
  };
}
