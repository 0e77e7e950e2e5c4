/**
 * A name in a Route 53 zone. It only follows: a lease is never renewed here, the API is rate-limited.
 *
 * Invariants
 * 1. A change is one transactional batch: delete exactly the records that were read, create the new ones. Whoever read
 *    something that is no longer there is refused by Amazon as a whole, so of two hosts one wins and the other reads again.
 * 2. The epoch is in a TXT record beside the name (`_switchyard.<name>`), replaced in the same batch; a newer one is left
 *    alone.
 * 3. A change is only done when Amazon says INSYNC: all of its servers give the new answer.
 * 4. After throttling nothing is sent for a while.
 */
import { delay, ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { epochMark, readEpochMark } from './epoch-mark.ts';
import { later, otherFamily, quoted, superseded, wrong } from './failures.ts';
import { retryAfterMs } from './http.ts';
import type { Http, HttpAnswer } from './http.ts';
import type {
  Applied,
  ApplyOptions,
  DnsChange,
  DnsFailure,
  DnsProvider,
  ReadSecret,
} from './model.ts';
import { canonicalAddress, familyOf, recordType } from './names.ts';
import { createRateGate } from './rate-gate.ts';
import { changeBatchXml, parseChange, parseError, parseRecordSets } from './route53-xml.ts';
import type { RecordChange, RecordSet } from './route53-xml.ts';

/** Gives the headers of a request with its signature among them. */
export type SignRequest = (
  request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
  keys: { readonly accessKeyId: string; readonly secret: string },
  scope: { readonly region: string; readonly service: string; readonly wallMs: number },
) => Record<string, string>;

export interface Route53Options {
  /** A checked name. */
  readonly name: string;
  readonly zoneId: string;
  readonly accessKeyId: string;
  readonly secret: ReadSecret;
  readonly ttlSeconds: number;
  readonly http: Http;
  readonly sign: SignRequest;
  readonly clock: Clock;
}

interface Held {
  readonly address: RecordSet | null;
  readonly mark: RecordSet | null;
  readonly epoch: number | null;
}

const api = 'https://route53.amazonaws.com/2013-04-01';
const attempts = 4;
const pollMs = 2_000;
const pollForMs = 180_000;
const throttledMs = 2_000;

/** Opens the record of a name, which need not be there yet. */
export function route53Provider(options: Route53Options): DnsProvider {
  const { name, http, clock, ttlSeconds } = options;
  const zoneId = options.zoneId.replace(/^\/hostedzone\//u, '');
  const zone = `${api}/hostedzone/${encodeURIComponent(zoneId)}/rrset`;
  const markName = `_switchyard.${name}`;
  const gate = createRateGate(clock);

  const call = async <T>(
    read: (xml: string) => T | null,
    url: string,
    body: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Result<T, DnsFailure>> => {
    const shut = gate.shut();
    if (shut !== null) return shut;
    const secret = await options.secret();
    if (secret === null)
      return wrong(
        "The secret access key for Route 53 is not there. Give it in the pair's set-up.",
      );
    const request = {
      method: body === undefined ? ('GET' as const) : ('POST' as const),
      url,
      ...(body === undefined ? {} : { body }),
    };
    const plain: Record<string, string> =
      body === undefined ? {} : { 'content-type': 'application/xml' };
    const headers = options.sign(
      { ...request, headers: plain },
      { accessKeyId: options.accessKeyId, secret },
      { region: 'us-east-1', service: 'route53', wallMs: clock.wallMs() },
    );
    const answer = await http({
      ...request,
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
    if (!answer.ok) return later(`Route 53: ${answer.error}.`);
    if (answer.value.status !== 200) return refusalOf(answer.value, secret);
    const value = read(answer.value.text);
    return value === null
      ? later('Route 53 gave an answer that is not what its API promises.')
      : ok(value);
  };

  const refusalOf = <T>(answer: HttpAnswer, secret: string): Result<T, DnsFailure> => {
    const error = parseError(answer.text);
    const words = quoted(error?.message ?? '', [secret]);
    const asked = retryAfterMs(answer, clock.wallMs());
    switch (error?.code) {
      case 'Throttling':
      case 'ThrottlingException':
      case 'PriorRequestNotComplete':
        return gate.pause(
          'Route 53 wants fewer requests (5 a second for the whole account); trying again.',
          asked ?? throttledMs,
        );
      case 'InvalidChangeBatch':
        return later(`The records changed meanwhile (${words}).`, 0);
      case 'NoSuchHostedZone':
        return wrong(`Route 53 knows no hosted zone ${zoneId}. Copy its id from the console.`);
      case 'SignatureDoesNotMatch':
        return wrong(
          'Amazon does not take the signature: the secret access key does not belong to the access key id.',
        );
      case 'InvalidClientTokenId':
      case 'InvalidAccessKeyId':
        return wrong('Amazon does not know the access key id; it was deleted or is not active.');
      case 'AccessDenied':
      case 'AccessDeniedException':
        return wrong(
          `The key may not do this: ${words} It needs route53:ListResourceRecordSets and route53:ChangeResourceRecordSets on this zone, and route53:GetChange.`,
        );
      case 'RequestExpired':
      case 'RequestTimeTooSkewed':
        return wrong(
          "This machine's clock is off by more than 5 minutes; Amazon refuses its requests.",
        );
      default:
        break;
    }
    if (answer.status >= 500 || answer.status === 429)
      return later(`Route 53 has trouble of its own (HTTP ${String(answer.status)}).`, asked);
    return wrong(
      `Route 53 did not take the request (HTTP ${String(answer.status)}): ${error?.code ?? ''} ${words}`,
    );
  };

  const list = (
    from: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<readonly RecordSet[], DnsFailure>> =>
    call(
      parseRecordSets,
      `${zone}?${new URLSearchParams({ maxitems: '20', name: `${from}.` }).toString()}`,
      undefined,
      signal,
    );

  const readHeld = async (
    family: 4 | 6 | null,
    signal?: AbortSignal,
  ): Promise<Result<Held, DnsFailure>> => {
    const sets = await list(name, signal);
    if (!sets.ok) return sets;
    const marks = await list(markName, signal);
    if (!marks.ok) return marks;
    const own = sets.value.filter((set) => set.name === name);
    const mark = marks.value.find((set) => set.name === markName && set.type === 'TXT') ?? null;
    if (own.some((set) => set.type === 'CNAME'))
      return wrong(
        `${name} is a CNAME record in Route 53. Delete it; the guardian makes a plain one.`,
      );
    const addresses = own.filter((set) => ['A', 'AAAA'].includes(set.type));
    if (addresses.some((set) => set.isSpecial))
      return wrong(
        `${name} is an alias, or has a routing policy or health check, in Route 53. Make it a simple record.`,
      );
    const other = addresses.find((set) => family !== null && set.type !== recordType(family));
    if (other !== undefined) return otherFamily('Route 53', name, other.values.join(', '));
    const [address, second] = addresses;
    const several =
      second === undefined ? (address?.values ?? []) : addresses.flatMap((a) => a.values);
    if (several.length > 1)
      return wrong(
        `${name} has ${String(several.length)} addresses in Route 53 (${several.join(', ')}); clients would use any of them. Leave one.`,
      );
    return ok({
      address: address ?? null,
      mark,
      epoch: readEpochMark(mark?.values.join(' ') ?? ''),
    });
  };

  /** Invariant 3. */
  const waitForSync = async (
    id: string,
    { signal, onProgress }: ApplyOptions,
  ): Promise<Result<undefined, DnsFailure>> => {
    const startMs = clock.bootMs();
    for (;;) {
      const change = await call(
        parseChange,
        `${api}/change/${encodeURIComponent(id)}`,
        undefined,
        signal,
      );
      if (change.ok && change.value.status === 'INSYNC') return ok(undefined);
      if (!change.ok && change.error.kind !== 'later') return change;
      const waitedMs = clock.bootMs() - startMs;
      if (signal?.aborted === true || waitedMs >= pollForMs)
        return later('Route 53 has the change, but its servers do not all give it yet.');
      onProgress?.(
        `Route 53 has the change and is bringing it to its servers (PENDING for ${String(Math.round(waitedMs / 1000))} s; usually below 60 s).`,
      );
      await delay(clock, pollMs, signal);
    }
  };

  const apply = async (
    change: DnsChange,
    applying: ApplyOptions = {},
  ): Promise<Result<Applied, DnsFailure>> => {
    const { signal } = applying;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const held = await readHeld(familyOf(change.address), signal);
      if (!held.ok) return held;
      const { epoch } = held.value;
      if (epoch !== null && epoch > change.epoch)
        return superseded(`The record ${markName} in Route 53`, epoch, change.epoch);
      if (isAsWanted(held.value, change, ttlSeconds))
        return ok({ address: change.address, ttlSeconds, detail: 'Route 53 holds it.' });
      const sent = await call(
        parseChange,
        zone,
        changeBatchXml(
          epochMark(change.epoch),
          changesTo(held.value, change, markName, ttlSeconds),
        ),
        signal,
      );
      if (sent.ok) {
        const synced = await waitForSync(sent.value.id, applying);
        if (!synced.ok) return synced;
        continue; // read back
      }
      const lostRace = sent.error.kind === 'later' && sent.error.retryAfterMs === 0;
      if (!lostRace) return sent;
    }
    return later(`Somebody else keeps changing ${name} in Route 53.`);
  };

  return {
    kind: 'route53',
    name,
    whenUnseen: `A resolver may keep the old answer for its TTL; after that, look whether the domain's name servers are the zone's.`,
    apply,
    read: async () => {
      const held = await readHeld(null);
      if (!held.ok) return held;
      const { address, epoch } = held.value;
      return ok({
        addresses: address?.values.flatMap((value) => canonicalAddress(value) ?? []) ?? [],
        ttlSeconds: address?.ttlSeconds ?? null,
        epoch,
      });
    },
    test: async () => {
      const held = await readHeld(null);
      if (!held.ok) return held;
      const { address, mark } = held.value;
      if (address === null)
        return ok(
          `Route 53 takes the key for this zone; ${name} is not there yet and will be made. Whether the key may write shows with the first change.`,
        );
      // The same record deleted and created in one batch: changes nothing, and shows whether we may write.
      const same = [address, ...(mark === null ? [] : [mark])];
      const sent = await call(
        parseChange,
        zone,
        changeBatchXml(
          'switchyard test',
          (['DELETE', 'CREATE'] as const).flatMap((action) => same.map((set) => ({ action, set }))),
        ),
        undefined,
      );
      if (!sent.ok) return sent;
      const followed = await call(
        parseChange,
        `${api}/change/${sent.value.id}`,
        undefined,
        undefined,
      );
      if (!followed.ok) return followed;
      return ok(
        `Route 53 lets us write; ${name} is ${address.values.join(', ')} now (TTL ${String(address.ttlSeconds)} s).`,
      );
    },
    close: async () => {
      // Nothing is held open.
    },
  };
}

/** Invariant 1: what was read, deleted exactly; then what is wanted. */
function changesTo(
  held: Held,
  change: DnsChange,
  markName: string,
  ttlSeconds: number,
): readonly RecordChange[] {
  const old = [held.address, held.mark].filter((set) => set !== null);
  return [
    ...old.map((set) => ({ action: 'DELETE' as const, set })),
    {
      action: 'CREATE',
      set: {
        name: change.name,
        type: recordType(familyOf(change.address)),
        ttlSeconds,
        values: [change.address],
      },
    },
    {
      action: 'CREATE',
      set: { name: markName, type: 'TXT', ttlSeconds, values: [`"${epochMark(change.epoch)}"`] },
    },
  ];
}

function isAsWanted(held: Held, change: DnsChange, ttlSeconds: number): boolean {
  const { address, epoch } = held;
  return (
    epoch === change.epoch &&
    address?.ttlSeconds === ttlSeconds &&
    address.values.length === 1 &&
    canonicalAddress(address.values[0] ?? '') === change.address
  );
}
