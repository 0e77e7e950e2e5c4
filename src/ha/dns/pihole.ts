/**
 * A name among Pi-hole's local DNS records (v6 API, `dns.hosts`).
 *
 * Invariants
 * 1. The whole list is replaced in one request (PATCH): there is no moment with no answer or two. Entries of others are
 *    sent back exactly as they were read, in their order.
 * 2. The list is read immediately before each write and after it, and the change is made again on a list that somebody
 *    else changed meanwhile. (Pi-hole has no conditional write: an entry made by another program between our read and our
 *    write, some milliseconds, would be lost.)
 * 3. A newer epoch in our entry's comment is left alone.
 * 4. `?restart=false` goes with every write, so that no setting makes it an outage of the resolver; CNAME records, whose
 *    change restarts Pi-hole, are never used.
 * 5. One session is kept and used again, and given back at the end: there are few seats.
 */
import { z } from 'zod';

import { ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { epochMark, readEpochMark } from './epoch-mark.ts';
import { later, otherFamily, quoted, superseded, wrong } from './failures.ts';
import { parseHostsLine } from './hosts-lines.ts';
import { jsonOf, retryAfterMs } from './http.ts';
import type { Http, HttpAnswer } from './http.ts';
import type {
  Applied,
  ApplyOptions,
  DnsChange,
  DnsFailure,
  DnsProvider,
  DnsReading,
  ReadSecret,
} from './model.ts';
import { familyOf } from './names.ts';
import { createRateGate } from './rate-gate.ts';

export interface PiholeOptions {
  /** A checked name. */
  readonly name: string;
  /** `http://pi.hole` or `https://10.0.0.53`, with or without a final slash. */
  readonly url: string;
  /** An app password. */
  readonly password: ReadSecret;
  readonly http: Http;
  readonly clock: Clock;
}

/** Without an id where Pi-hole has no password. */
interface Session {
  readonly sid: string | null;
}

const loginSchema = z.object({
  session: z.object({ valid: z.boolean(), sid: z.string().nullable() }),
});
const hostsSchema = z.object({
  config: z.object({ dns: z.object({ hosts: z.array(z.string()) }) }),
});
const detailSchema = z.object({
  config: z.object({
    dns: z.object({
      hosts: z.object({
        value: z.array(z.string()),
        flags: z.object({ env_var: z.boolean() }).optional(),
      }),
      cnameRecords: z.object({ value: z.array(z.string()) }).optional(),
    }),
  }),
});
const errorSchema = z.object({
  error: z.object({
    key: z.string().default(''),
    message: z.string().default(''),
    hint: z.string().nullish(),
  }),
});

const attempts = 5;
const seatsWaitMs = 60_000;
const loginWaitMs = 30_000;

/** Opens the entry of a name, which need not be there yet. */
export function piholeProvider(options: PiholeOptions): DnsProvider {
  const { name, http, clock } = options;
  const base = options.url.replace(/\/+$/u, '');
  const where = `Pi-hole at ${base}`;
  const gate = createRateGate(clock);
  let kept: Session | null = null;
  let takesComments = true;

  /** Invariant 5: logs in where there is no session yet. */
  const currentSession = async (signal?: AbortSignal): Promise<Result<Session, DnsFailure>> => {
    if (kept !== null) return ok(kept);
    const password = await options.password();
    if (password === null)
      return wrong(`The app password of ${where} is not there. Give it in the pair's set-up.`);
    const answer = await http({
      method: 'POST',
      url: `${base}/api/auth`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!answer.ok) return later(`${where}: ${answer.error}.`);
    const parsed = loginSchema.safeParse(jsonOf(answer.value));
    if (answer.value.status === 200 && parsed.success && parsed.data.session.valid) {
      kept = { sid: parsed.data.session.sid };
      return ok(kept);
    }
    if (answer.value.status === 401 || (answer.value.status === 200 && parsed.success))
      return wrong(
        `${where} does not take the app password. Make one under Settings, Web interface / API, “Configure app password”; a login password does not work where two-factor login is on.`,
      );
    return refusalOf(answer.value, [password]);
  };

  const refusalOf = <T>(answer: HttpAnswer, secrets: readonly string[]): Result<T, DnsFailure> => {
    const parsed = errorSchema.safeParse(jsonOf(answer));
    const said = parsed.success ? parsed.data.error : null;
    const words = quoted(`${said?.message ?? ''} ${said?.hint ?? ''}`, secrets);
    const asked = retryAfterMs(answer, clock.wallMs());
    if (answer.status === 429)
      return said?.key === 'rate_limiting'
        ? gate.pause(`${where} wants fewer logins; trying again soon.`, asked ?? loginWaitMs)
        : gate.pause(
            `${where} has no free API session. Close some of its pages, or raise webserver.api.max_sessions; trying again.`,
            asked ?? seatsWaitMs,
          );
    if (answer.status === 403)
      return wrong(
        /app_sudo/iu.test(words)
          ? `${where} does not let an app password change settings. Set webserver.api.app_sudo to true (All settings, Webserver and API).`
          : `${where} refuses changes (${words === '' ? 'forbidden' : words}). Set misc.readOnly to false in pihole.toml.`,
      );
    if (answer.status === 400 && /environment variable/iu.test(words))
      return wrong(
        `${where} has its local records forced by the environment variable FTLCONF_dns_hosts. Remove it from the container; then the API can change them.`,
      );
    if (answer.status === 400) return wrong(`${where} did not take the change: ${words}`);
    if (answer.status >= 300 && answer.status < 400)
      return wrong(
        `${where} sends us elsewhere (HTTP ${String(answer.status)}). Give the address it really has, with https:// where it wants that.`,
      );
    if (answer.status === 404)
      return wrong(`There is no Pi-hole v6 API at ${base}. Pi-hole 5 has none; update it.`);
    return later(
      `${where} answered HTTP ${String(answer.status)}${words === '' ? '' : `: ${words}`}.`,
      asked,
    );
  };

  /** One request with a session; logs in at first, and again where the session has run out. */
  const call = async <T>(
    schema: z.ZodType<T>,
    method: 'GET' | 'PATCH',
    path: string,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<Result<T, DnsFailure>> => {
    const shut = gate.shut();
    if (shut !== null) return shut;
    for (let attempt = 0; ; attempt += 1) {
      const session = await currentSession(signal);
      if (!session.ok) return session;
      const { sid } = session.value;
      const answer = await http({
        method,
        url: `${base}/api/config${path}`,
        headers: {
          accept: 'application/json',
          ...(sid === null ? {} : { 'x-ftl-sid': sid }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
      if (!answer.ok) return later(`${where}: ${answer.error}.`);
      if (answer.value.status === 401 && attempt === 0) {
        kept = null;
        continue;
      }
      if (answer.value.status === 401)
        return wrong(`${where} takes the app password, but refuses its session.`);
      if (answer.value.status !== 200) return refusalOf(answer.value, sid === null ? [] : [sid]);
      const parsed = schema.safeParse(jsonOf(answer.value));
      if (parsed.success) return ok(parsed.data);
      return later(`${where} gave an answer that is not what its API promises.`);
    }
  };

  const readHosts = async (
    signal?: AbortSignal,
  ): Promise<Result<readonly string[], DnsFailure>> => {
    const answer = await call(hostsSchema, 'GET', '/dns/hosts', undefined, signal);
    return answer.ok ? ok(answer.value.config.dns.hosts) : answer;
  };

  const write = async (
    hosts: readonly string[],
    signal?: AbortSignal,
  ): Promise<Result<unknown, DnsFailure>> =>
    call(z.unknown(), 'PATCH', '?restart=false', { config: { dns: { hosts } } }, signal);

  const apply = async (
    change: DnsChange,
    { signal }: ApplyOptions = {},
  ): Promise<Result<Applied, DnsFailure>> => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const hosts = await readHosts(signal);
      if (!hosts.ok) return hosts;
      const next = changedHosts(hosts.value, change, where, takesComments);
      if (!next.ok) return next;
      if (next.value === null)
        return ok({
          address: change.address,
          ttlSeconds: null,
          detail: `${where} ${attempt === 0 ? 'held it already' : 'holds it'}.`,
        });
      const written = await write(next.value, signal);
      if (!written.ok && takesComments && /invalid hostname/iu.test(written.error.detail)) {
        takesComments = false; // early v6: no comment in an entry, so no epoch either
        continue;
      }
      if (!written.ok) return written;
    }
    return later(`Somebody else keeps changing the local records of ${where}.`);
  };

  return {
    kind: 'pihole',
    name,
    whenUnseen: `Look whether clients ask ${where} itself (a resolver in front of it may keep the old answer), and check through it.`,
    apply,
    read: async () => {
      const hosts = await readHosts();
      return hosts.ok ? ok(readingOf(hosts.value, name)) : hosts;
    },
    test: async () => {
      const answer = await call(detailSchema, 'GET', '/dns?detailed=true', undefined, undefined);
      if (!answer.ok) return answer;
      const { hosts, cnameRecords } = answer.value.config.dns;
      if (hosts.flags?.env_var === true)
        return wrong(
          `${where} has its local records forced by the environment variable FTLCONF_dns_hosts. Remove it from the container; then the API can change them.`,
        );
      const isAlias = cnameRecords?.value.some(
        (record) => record.toLowerCase().split(',')[0] === name,
      );
      if (isAlias === true)
        return wrong(
          `${name} is a CNAME record in ${where}. Delete it: changing one restarts Pi-hole, so the guardian only uses plain records.`,
        );
      const shared = sharedEntry(hosts.value, name);
      if (shared !== null) return wrong(sharedWords(where, name, shared));
      // Writing back what was read changes nothing and shows whether we may write.
      const written = await write(hosts.value);
      if (!written.ok) return written;
      const { addresses } = readingOf(hosts.value, name);
      return ok(
        addresses.length === 0
          ? `${where} lets us write; ${name} will be made.`
          : `${where} lets us write; ${name} is ${addresses.join(' and ')} now.`,
      );
    },
    close: async () => {
      const sid = kept?.sid ?? null;
      kept = null;
      if (sid !== null)
        await http({ method: 'DELETE', url: `${base}/api/auth`, headers: { 'x-ftl-sid': sid } });
    },
  };
}

/** The list with the name's entry changed; null: nothing to change. Pure. */
export function changedHosts(
  hosts: readonly string[],
  change: DnsChange,
  where: string,
  takesComments: boolean,
): Result<readonly string[] | null, DnsFailure> {
  const { name, address, epoch } = change;
  const shared = sharedEntry(hosts, name);
  if (shared !== null) return wrong(sharedWords(where, name, shared));
  const held = readingOf(hosts, name);
  if (held.epoch !== null && held.epoch > epoch) return superseded(where, held.epoch, epoch);
  const other = held.addresses.find((one) => familyOf(one) !== familyOf(address));
  if (other !== undefined) return otherFamily(where, name, other);
  const entry = takesComments ? `${address} ${name} # ${epochMark(epoch)}` : `${address} ${name}`;
  const isOurs = (line: string): boolean => parseHostsLine(line)?.names.includes(name) === true;
  const first = hosts.findIndex(isOurs);
  if (first === -1) return ok([...hosts, entry]);
  if (hosts[first] === entry && hosts.filter(isOurs).length === 1) return ok(null);
  return ok(
    hosts.flatMap((line, index) => (index === first ? [entry] : isOurs(line) ? [] : [line])),
  );
}

function readingOf(hosts: readonly string[], name: string): DnsReading {
  const ours = hosts
    .map(parseHostsLine)
    .filter((line) => line !== null)
    .filter((line) => line.names.includes(name));
  const epochs = ours.flatMap((line) => readEpochMark(line.comment) ?? []);
  return {
    addresses: ours.map((line) => line.address),
    ttlSeconds: null,
    epoch: epochs.length === 0 ? null : Math.max(...epochs),
  };
}

/** An entry that holds the name together with others is somebody's own: not ours to take apart. */
function sharedEntry(hosts: readonly string[], name: string): string | null {
  return (
    hosts.find((line) => {
      const names = parseHostsLine(line)?.names ?? [];
      return names.includes(name) && new Set(names).size > 1;
    }) ?? null
  );
}

function sharedWords(where: string, name: string, entry: string): string {
  return `${where} has ${name} in one entry with other names (“${entry.slice(0, 100)}”). Give it an entry of its own there.`;
}
