/**
 * A name in a zone that takes signed updates (RFC 2136 with TSIG: BIND, Knot), for pairs whose register is elsewhere. (A
 * register in DNS moves its own name.)
 *
 * Invariants
 * 1. An update happens only if address and mark are exactly what was read (prerequisites, RFC 2136 section 2.4), and as a
 *    whole: of two hosts one wins and the other reads again, and there is no moment without an answer.
 * 2. The epoch is in a TXT record beside the name (`_switchyard.<name>`), replaced in the same update; a newer one is left
 *    alone.
 * 3. Only answers whose signature verified count.
 */
import { ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { createDnsClient } from '../register/dns-client.ts';
import type { DnsClientPorts } from '../register/dns-client.ts';
import { dnsClasses, dnsCodes, dnsOpcodes, dnsTypes, encodeText } from '../register/dns-message.ts';
import type { DnsMessage, DnsRecord } from '../register/dns-message.ts';
import { canonicalName } from '../register/dns-name.ts';
import type { Endpoint } from '../register/exchange.ts';
import { queryMessage } from '../register/lease-messages.ts';
import { codeName } from '../register/tsig.ts';
import type { TsigAlgorithm, TsigKey } from '../register/tsig.ts';
import { addressData, addressIn } from './address-data.ts';
import { epochMark, readEpochMark } from './epoch-mark.ts';
import { later, otherFamily, superseded, wrong } from './failures.ts';
import type {
  Applied,
  ApplyOptions,
  DnsChange,
  DnsFailure,
  DnsProvider,
  ReadSecret,
} from './model.ts';
import { familyOf } from './names.ts';

export interface Rfc2136DnsOptions {
  /** A checked name in `zone`. */
  readonly name: string;
  readonly zone: string;
  /** The zone's primary server. */
  readonly to: Endpoint;
  readonly ttlSeconds: number;
  readonly key: {
    readonly name: string;
    readonly algorithm: TsigAlgorithm;
    /** The base64 text that `tsig-keygen` prints. */
    readonly secret: ReadSecret;
  };
  /** For one question or update. */
  readonly timeoutMs: number;
}

interface Rfc2136DnsPorts extends DnsClientPorts {
  readonly makeKey: (name: string, algorithm: TsigAlgorithm, secret: string) => TsigKey | null;
}

/** The record sets of the name that we have to do with, as they were read. */
interface Held {
  readonly a: readonly DnsRecord[];
  readonly aaaa: readonly DnsRecord[];
  readonly mark: readonly DnsRecord[];
}

const attempts = 4;

/** Opens the record of a name, which need not be there yet. Throws on a name that was not checked. */
export function rfc2136Provider(options: Rfc2136DnsOptions, ports: Rfc2136DnsPorts): DnsProvider {
  const { name, ttlSeconds, to, key } = options;
  const where = `The DNS server ${to.host}`;
  const owner = canonical(name);
  const markOwner = canonical(`_switchyard.${name}`);
  const client = createDnsClient(to, ports);

  const ask = async (
    build: (id: number) => DnsMessage,
  ): Promise<Result<DnsMessage, DnsFailure>> => {
    const secret = await key.secret();
    if (secret === null)
      return wrong(`The key ${key.name} is not there. Give it in the pair's set-up.`);
    const made = ports.makeKey(canonical(key.name), key.algorithm, secret);
    if (made === null)
      return wrong(`The secret of the key ${key.name} must be base64, as tsig-keygen prints it.`);
    const answer = await client.ask(build, made, ports.clock.bootMs() + options.timeoutMs);
    return answer.kind === 'answered' ? ok(answer.message) : later(`${where}: ${answer.words}.`);
  };

  const readSet = async (
    from: string,
    type: number,
  ): Promise<Result<readonly DnsRecord[], DnsFailure>> => {
    const answer = await ask((id) => queryMessage(id, from, type));
    if (!answer.ok) return answer;
    const { code, isAuthoritative, answers } = answer.value;
    if (code !== dnsCodes.noError && code !== dnsCodes.nameError) return refusal(code);
    if (!isAuthoritative)
      return wrong(`${where} does not hold the zone ${options.zone}. Give its primary server.`);
    if (answers.some((record) => record.type === dnsTypes.CNAME))
      return wrong(`${name} is a CNAME record. Delete it; the guardian makes a plain one.`);
    return ok(answers.filter((record) => record.type === type && record.name === from));
  };

  const readHeld = async (): Promise<Result<Held, DnsFailure>> => {
    const a = await readSet(owner, dnsTypes.A);
    if (!a.ok) return a;
    const aaaa = await readSet(owner, dnsTypes.AAAA);
    if (!aaaa.ok) return aaaa;
    const mark = await readSet(markOwner, dnsTypes.TXT);
    if (!mark.ok) return mark;
    const addresses = [...a.value, ...aaaa.value];
    if (addresses.length > 1)
      return wrong(
        `${name} has ${String(addresses.length)} addresses (${addresses.map(addressIn).join(', ')}); clients would use any of them. Leave one.`,
      );
    return ok({ a: a.value, aaaa: aaaa.value, mark: mark.value });
  };

  const refusal = <T>(code: number): Result<T, DnsFailure> => {
    const words = codeName(code);
    switch (code) {
      case dnsCodes.refused:
        return wrong(
          `${where} does not let the key ${key.name} do this (${words}). Grant it A and AAAA on ${name} and TXT on _switchyard.${name} in the zone's update-policy, and queries in allow-query.`,
        );
      case dnsCodes.notAuthorised:
        return wrong(
          `${where} is not the primary of ${options.zone}, or does not take the key ${key.name} (${words}).`,
        );
      case dnsCodes.notZone:
        return wrong(`${name} does not lie in the zone ${options.zone} (${words}).`);
      case dnsCodes.notImplemented:
        return wrong(`${where} knows no dynamic updates (${words}).`);
      default:
        return later(`${where} could not do it (${words}); its log says why.`);
    }
  };

  const update = async (
    held: Held,
    updates: readonly DnsRecord[],
  ): Promise<Result<'done' | 'changed-meanwhile', DnsFailure>> => {
    const answer = await ask((id) => ({
      ...queryMessage(id, canonical(options.zone), dnsTypes.SOA),
      opcode: dnsOpcodes.update,
      answers: [
        ...prerequisites(owner, dnsTypes.A, held.a),
        ...prerequisites(owner, dnsTypes.AAAA, held.aaaa),
        ...prerequisites(markOwner, dnsTypes.TXT, held.mark),
      ],
      authority: updates,
    }));
    if (!answer.ok) return answer;
    const { code } = answer.value;
    if (code === dnsCodes.noError) return ok('done');
    const isChanged =
      code === dnsCodes.setExists || code === dnsCodes.setMissing || code === dnsCodes.nameError;
    return isChanged ? ok('changed-meanwhile') : refusal(code);
  };

  const isAsWanted = (held: Held, change: DnsChange): boolean => {
    const address = held.a[0] ?? held.aaaa[0];
    return (
      address?.ttl === ttlSeconds &&
      addressIn(address) === change.address &&
      epochOf(held) === change.epoch
    );
  };

  const apply = async (
    change: DnsChange,
    { signal }: ApplyOptions = {},
  ): Promise<Result<Applied, DnsFailure>> => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const held = await readHeld();
      if (!held.ok) return held;
      const epoch = epochOf(held.value);
      if (epoch !== null && epoch > change.epoch)
        return superseded(`The record _switchyard.${name}`, epoch, change.epoch);
      const other = (familyOf(change.address) === 4 ? held.value.aaaa : held.value.a)[0];
      if (other !== undefined) return otherFamily(where, name, addressIn(other) ?? '');
      if (isAsWanted(held.value, change))
        return ok({ address: change.address, ttlSeconds, detail: `${where} holds it.` });
      if (signal?.aborted === true) return later('It was cut off before it was sent.');
      const { type, data } = addressData(change.address);
      const text = encodeText(new TextEncoder().encode(epochMark(change.epoch)));
      const updated = await update(held.value, [
        wholeSet(owner, type, dnsClasses.ANY),
        { name: owner, type, class: dnsClasses.IN, ttl: ttlSeconds, data },
        wholeSet(markOwner, dnsTypes.TXT, dnsClasses.ANY),
        { name: markOwner, type: dnsTypes.TXT, class: dnsClasses.IN, ttl: 0, data: text },
      ]);
      if (!updated.ok) return updated;
    }
    return later(`Somebody else keeps changing ${name} at ${to.host}.`);
  };

  return {
    kind: 'rfc2136',
    name,
    whenUnseen: `Look whether clients ask ${to.host} or a server that follows it (a secondary needs NOTIFY), and check through that one.`,
    apply,
    read: async () => {
      const held = await readHeld();
      if (!held.ok) return held;
      const addresses = [...held.value.a, ...held.value.aaaa];
      return ok({
        addresses: addresses.flatMap((record) => addressIn(record) ?? []),
        ttlSeconds: addresses[0]?.ttl ?? null,
        epoch: epochOf(held.value),
      });
    },
    test: async () => {
      const held = await readHeld();
      if (!held.ok) return held;
      const { a, aaaa, mark } = held.value;
      // What is there is added once more, and what is not there is removed: nothing changes, and every right is tried.
      const addresses = [...a, ...aaaa];
      const updated = await update(held.value, [
        ...(addresses.length > 0 ? addresses : [wholeSet(owner, dnsTypes.A, dnsClasses.ANY)]),
        ...(mark.length > 0 ? mark : [wholeSet(markOwner, dnsTypes.TXT, dnsClasses.ANY)]),
      ]);
      if (!updated.ok) return updated;
      if (updated.value !== 'done') return later(`${name} is being changed just now.`);
      const [address] = addresses;
      return ok(
        address === undefined
          ? `${where} takes our updates; ${name} will be made.`
          : `${where} takes our updates; ${name} is ${addressIn(address) ?? ''} now (TTL ${String(address.ttl)} s).`,
      );
    },
    close: async () => {
      // Nothing is held open.
    },
  };
}

/** “The set is exactly this”, or “there is none” (RFC 2136, 2.4.2 and 2.4.3). */
function prerequisites(
  owner: string,
  type: number,
  held: readonly DnsRecord[],
): readonly DnsRecord[] {
  return held.length === 0
    ? [wholeSet(owner, type, dnsClasses.NONE)]
    : held.map((record) => ({ ...record, ttl: 0 }));
}

function wholeSet(name: string, type: number, dnsClass: number): DnsRecord {
  return { name, type, class: dnsClass, ttl: 0, data: new Uint8Array() };
}

function epochOf({ mark }: Held): number | null {
  const texts = mark.map((record) => readEpochMark(new TextDecoder().decode(record.data)));
  const epochs = texts.filter((epoch) => epoch !== null);
  return epochs.length === 0 ? null : Math.max(...epochs);
}

function canonical(text: string): string {
  const name = canonicalName(text);
  if (name === null) throw new Error(`${text} is not a DNS name`);
  return name;
}
