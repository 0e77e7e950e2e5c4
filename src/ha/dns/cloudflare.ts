/**
 * A name in a Cloudflare zone. It only follows: a lease is never renewed here, the API is rate-limited.
 *
 * Invariants
 * 1. The record is changed in place by its id, in one batch (one database transaction): it is never deleted and made anew.
 * 2. The epoch is in the record's comment; a newer one is left alone. (There is no conditional write: two hosts that write
 *    within the same moment can pass each other, so the follower looks again later.)
 * 3. No record of another name is touched; where the name has more than one record, nothing is.
 * 4. After a 429 nothing is sent until the time that the server named.
 */
import { z } from 'zod';

import { ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { epochMark, readEpochMark, withEpochMark } from './epoch-mark.ts';
import { later, otherFamily, quoted, superseded, wrong } from './failures.ts';
import { jsonOf, retryAfterMs } from './http.ts';
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

export interface CloudflareOptions {
  /** A checked name. */
  readonly name: string;
  readonly zoneId: string;
  /** An API token with “DNS Write” on this zone. */
  readonly token: ReadSecret;
  /** 60 to 86400, or 1 for automatic. */
  readonly ttlSeconds: number;
  readonly http: Http;
  readonly clock: Clock;
}

const recordSchema = z.object({
  id: z.string().min(1),
  type: z.string(),
  name: z.string(),
  content: z.string(),
  ttl: z.number(),
  proxied: z.boolean().optional(),
  comment: z.string().nullish(),
});
type CloudflareRecord = z.infer<typeof recordSchema>;

const envelopeSchema = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string().default('') })).default([]),
});
const listSchema = z.object({
  result: z.array(recordSchema),
  result_info: z.object({ total_pages: z.number() }).optional(),
});

const api = 'https://api.cloudflare.com/client/v4';
/** Of a free zone; paid ones take more. */
const maxComment = 100;
/** Whoever is over the limit is shut out for five minutes. */
const rateWaitMs = 300_000;

/** Opens the record of a name, which need not be there yet. */
export function cloudflareProvider(options: CloudflareOptions): DnsProvider {
  const { name, http, clock, ttlSeconds } = options;
  const records = `${api}/zones/${encodeURIComponent(options.zoneId)}/dns_records`;
  const gate = createRateGate(clock);

  const call = async <T>(
    schema: z.ZodType<T>,
    url: string,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<Result<T, DnsFailure>> => {
    const shut = gate.shut();
    if (shut !== null) return shut;
    const token = await options.token();
    if (token === null)
      return wrong("Cloudflare's API token is not there. Give it in the pair's set-up.");
    const answer = await http({
      method: body === undefined ? 'GET' : 'POST',
      url,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!answer.ok) return later(`Cloudflare: ${answer.error}.`);
    const json = jsonOf(answer.value);
    const envelope = envelopeSchema.safeParse(json);
    if (answer.value.status === 200 && envelope.success && envelope.data.success) {
      const parsed = schema.safeParse(json);
      if (parsed.success) return ok(parsed.data);
      return later('Cloudflare gave an answer that is not what its API promises.');
    }
    return refusalOf(answer.value, envelope.success ? envelope.data.errors : [], token);
  };

  const refusalOf = <T>(
    answer: HttpAnswer,
    errors: readonly { readonly code: number; readonly message: string }[],
    token: string,
  ): Result<T, DnsFailure> => {
    const asked = retryAfterMs(answer, clock.wallMs());
    const codes = errors.map((error) => error.code);
    const words = quoted(
      errors.map((error) => `${error.message} (${String(error.code)})`).join('; '),
      [token],
    );
    if (answer.status === 429)
      return gate.pause(
        'Cloudflare wants fewer requests (its limit counts all programs of this account); trying again when it says.',
        asked ?? rateWaitMs,
      );
    if (codes.includes(9021))
      return wrong(
        `Cloudflare does not take a TTL of ${String(ttlSeconds)} s: use 60 to 86400, or 1 for automatic.`,
      );
    if (codes.some((code) => code === 7000 || code === 7003) || answer.status === 404)
      return wrong(
        `Cloudflare knows no zone ${options.zoneId}. Copy the zone id from the zone's overview page; the token must be for that zone.`,
      );
    if (answer.status === 401 || answer.status === 403 || codes.includes(6111))
      return wrong(
        `Cloudflare does not take the API token (${words === '' ? `HTTP ${String(answer.status)}` : words}). It needs the permission “DNS: Edit” (DNS Write) on this zone, must not have run out, and may be limited to certain addresses.`,
      );
    if (answer.status >= 500)
      return later(`Cloudflare has trouble of its own (HTTP ${String(answer.status)}).`, asked);
    // 81044: the record is gone since it was read; 81057/81058: another one is there. Reading again settles both.
    if (codes.some((code) => [81044, 81057, 81058].includes(code)))
      return later(`The record changed meanwhile (${words}).`);
    if (answer.status >= 400) return wrong(`Cloudflare did not take the request: ${words}`);
    return later(`Cloudflare answered HTTP ${String(answer.status)} without a clear result.`);
  };

  const list = async (
    signal?: AbortSignal,
  ): Promise<Result<readonly CloudflareRecord[], DnsFailure>> => {
    const query = new URLSearchParams({ 'name.exact': name, per_page: '100' });
    const answer = await call(listSchema, `${records}?${query.toString()}`, undefined, signal);
    if (!answer.ok) return answer;
    if ((answer.value.result_info?.total_pages ?? 1) > 1)
      return wrong(`Cloudflare lists more than 100 records for ${name}.`);
    return ok(answer.value.result.filter((record) => record.name.toLowerCase() === name));
  };

  const apply = async (
    change: DnsChange,
    { signal }: ApplyOptions = {},
  ): Promise<Result<Applied, DnsFailure>> => {
    const held = await list(signal);
    if (!held.ok) return held;
    const own = ownRecord(held.value, name, familyOf(change.address));
    if (!own.ok) return own;
    const present = epochOf(own.value);
    if (present !== null && present > change.epoch)
      return superseded(`The record ${name} at Cloudflare`, present, change.epoch);
    if (isAsWanted(own.value, change, ttlSeconds))
      return done(change, 'Cloudflare held it already.');
    const next = {
      name,
      type: recordType(familyOf(change.address)),
      content: change.address,
      ttl: ttlSeconds,
      proxied: false,
      comment:
        own.value === null
          ? epochMark(change.epoch)
          : withEpochMark(own.value.comment ?? '', change.epoch, maxComment),
    };
    const body =
      own.value === null ? { posts: [next] } : { patches: [{ id: own.value.id, ...next }] };
    const written = await call(z.unknown(), `${records}/batch`, body, signal);
    if (!written.ok) return written;
    const after = await list(signal);
    if (!after.ok) return after;
    const now = ownRecord(after.value, name, familyOf(change.address));
    if (!now.ok) return now;
    const newer = epochOf(now.value);
    if (newer !== null && newer > change.epoch)
      return superseded(`The record ${name} at Cloudflare`, newer, change.epoch);
    return isAsWanted(now.value, change, ttlSeconds)
      ? done(change, 'Cloudflare holds it; its servers around the world follow within seconds.')
      : later('Cloudflare took the change, but its list does not show it yet.');
  };

  const done = (change: DnsChange, detail: string): Result<Applied, DnsFailure> =>
    ok({ address: change.address, ttlSeconds, detail });

  return {
    kind: 'cloudflare',
    name,
    whenUnseen: `A resolver may keep the old answer for its TTL; after that, look whether the zone's name servers are Cloudflare's.`,
    apply,
    read: async () => {
      const held = await list();
      if (!held.ok) return held;
      const addresses = held.value.filter((record) => ['A', 'AAAA'].includes(record.type));
      return ok({
        addresses: addresses.flatMap((record) => canonicalAddress(record.content) ?? []),
        ttlSeconds: addresses[0]?.ttl ?? null,
        epoch: epochOf(addresses[0] ?? null),
      });
    },
    test: async () => {
      const held = await list();
      if (!held.ok) return held;
      const own = ownRecord(held.value, name, null);
      if (!own.ok) return own;
      if (own.value === null)
        return ok(
          `Cloudflare takes the token for this zone; ${name} is not there yet and will be made. Whether the token may write shows with the first change.`,
        );
      // The record with its own values: changes nothing, and shows whether we may write.
      const { id, type, content, ttl, comment } = own.value;
      const same = { id, name, type, content, ttl, proxied: false, comment: comment ?? '' };
      const written = await call(z.unknown(), `${records}/batch`, { patches: [same] }, undefined);
      if (!written.ok) return written;
      return ok(`Cloudflare lets us write; ${name} is ${content} now (TTL ${String(ttl)} s).`);
    },
    close: async () => {
      // Nothing is held open.
    },
  };
}

/** The one record of the name that is ours to change, or null where there is none; a failure says what is in the way. */
function ownRecord(
  held: readonly CloudflareRecord[],
  name: string,
  family: 4 | 6 | null,
): Result<CloudflareRecord | null, DnsFailure> {
  if (held.some((record) => record.type === 'CNAME'))
    return wrong(
      `${name} is a CNAME record at Cloudflare. Delete it; the guardian makes a plain one.`,
    );
  const addresses = held.filter((record) => ['A', 'AAAA'].includes(record.type));
  const proxied = addresses.find((record) => record.proxied === true);
  if (proxied !== undefined)
    return wrong(
      `${name} is proxied at Cloudflare (orange cloud), so clients get Cloudflare's addresses. Switch it to “DNS only”.`,
    );
  const other = addresses.find((record) => family !== null && record.type !== recordType(family));
  if (other !== undefined) return otherFamily('Cloudflare', name, other.content);
  if (addresses.length > 1)
    return wrong(
      `${name} has ${String(addresses.length)} addresses at Cloudflare (${addresses.map((record) => record.content).join(', ')}); clients would use any of them. Leave one.`,
    );
  return ok(addresses[0] ?? null);
}

function epochOf(record: CloudflareRecord | null): number | null {
  return readEpochMark(record?.comment ?? '');
}

function isAsWanted(
  record: CloudflareRecord | null,
  change: DnsChange,
  ttlSeconds: number,
): boolean {
  return (
    record !== null &&
    canonicalAddress(record.content) === change.address &&
    record.ttl === ttlSeconds &&
    epochOf(record) === change.epoch
  );
}
