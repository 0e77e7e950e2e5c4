/** Tries a register or a DNS provider before a set-up is saved: what a guardian would meet, without changing anything. */
import { fail, ok } from '../base/index.ts';
import type { Clock, Random, Result } from '../base/index.ts';
import type { PairTestStep } from '../shared/index.ts';
import type { DnsTarget } from './dns/model.ts';
import { openDns } from './dns/open.node.ts';
import { hmacSha256, tsigKey } from './register/hmac.node.ts';
import { rfc2136Problem, rfc2136Register } from './register/rfc2136-register.ts';
import { askTcp, openUdp } from './register/wire.node.ts';
import type { RegisterConfig } from './model.ts';
import type { Register } from './ports.ts';
import { witnessRegister } from './witness/witness-register.ts';

export interface TryPorts {
  readonly clock: Clock;
  readonly random: Random;
}

/** A register that two computers share; its secret is given apart. */
export type SharedRegister = Exclude<RegisterConfig, { readonly kind: 'lock' }>;

/**
 * Reads the pair's record; with a DNS server also tries every right that an update needs. A witness has a secret per pair,
 * so it answers only for a pair that it knows. Never rejects.
 */
export async function tryRegister(
  pairId: string,
  register: SharedRegister,
  secret: string,
  ports: TryPorts,
): Promise<readonly PairTestStep[]> {
  const startedMs = ports.clock.bootMs();
  const opened = openRegister(pairId, register, secret, ports);
  if (!opened.ok) return [{ ok: false, words: opened.error }];
  const where =
    register.kind === 'witness'
      ? `The witness at ${register.host}:${register.port}`
      : `The DNS server at ${register.server}:${register.port}`;
  try {
    const read = await opened.value.read();
    const tookMs = Math.round(ports.clock.bootMs() - startedMs);
    if (read.kind === 'unreadable') {
      const known =
        register.kind === 'witness' ? ` It must know the pair “${pairId}” with this secret.` : '';
      return [{ ok: false, words: `${where}: ${read.detail}.${known}` }];
    }
    const answered = { ok: true, words: `${where} answers and knows the key (${tookMs} ms).` };
    if (register.kind === 'witness') return [answered];
    const { server, port, zone, name, ttlSeconds, key } = register;
    const { name: keyName, algorithm } = key;
    const target = { kind: 'rfc2136', server, port, zone, name, ttlSeconds, keyName, algorithm };
    return [answered, ...(await tryProvider(target as DnsTarget, secret, ports))];
  } finally {
    opened.value.close?.();
  }
}

/** Tries whether a provider would take a change, then asks for the name as a client would. Never rejects. */
export async function tryDns(
  target: DnsTarget,
  secret: string | null,
  addresses: readonly string[],
  ports: TryPorts,
): Promise<readonly PairTestStep[]> {
  const provider = await tryProvider(target, secret, ports);
  const opened = openDns(target, { ...ports, secret: () => Promise.resolve(secret) });
  if (!opened.ok || provider.some(({ ok: good }) => !good)) return provider;
  const { resolver } = opened.value;
  const family = addresses[0]?.includes(':') === true ? 6 : 4;
  const answer = await resolver.addresses(target.name, family);
  if (answer.kind === 'addresses') {
    const known = answer.addresses.every((address) => addresses.includes(address));
    const said = `${resolver.server} says ${answer.addresses.join(', ')} (TTL ${answer.ttlSeconds} s)`;
    return [
      ...provider,
      known
        ? { ok: true, words: `${said}.` }
        : {
            ok: false,
            words: `${said}: that is neither of the two computers. It will be changed to the active one.`,
          },
    ];
  }
  // A name that is not there yet is what a new set-up finds.
  const isNew = answer.kind === 'nxdomain' || answer.kind === 'nodata';
  return [
    ...provider,
    isNew
      ? { ok: true, words: `${resolver.server} does not know ${target.name} yet; it will.` }
      : { ok: false, words: `${resolver.server}: ${answer.detail}` },
  ];
}

async function tryProvider(
  target: DnsTarget,
  secret: string | null,
  ports: TryPorts,
): Promise<readonly PairTestStep[]> {
  const opened = openDns(target, { ...ports, secret: () => Promise.resolve(secret) });
  if (!opened.ok) return [{ ok: false, words: opened.error }];
  const { provider } = opened.value;
  try {
    const tried = await provider.test();
    return [tried.ok ? { ok: true, words: tried.value } : { ok: false, words: tried.error.detail }];
  } finally {
    await provider.close();
  }
}

function openRegister(
  pairId: string,
  register: SharedRegister,
  secret: string,
  { clock, random }: TryPorts,
): Result<Register, string> {
  const known = (): Promise<Result<string, string>> => Promise.resolve(ok(secret));
  if (register.kind === 'witness') {
    return ok(
      witnessRegister(
        { ...register, pair: pairId, secret: known },
        { clock, random, openDatagrams: openUdp, makeHmac: hmacSha256 },
      ),
    );
  }
  const problem = rfc2136Problem(register);
  if (problem !== null) return fail(problem);
  return ok(
    rfc2136Register(
      { ...register, key: { ...register.key, secret: known } },
      { clock, random, openDatagrams: openUdp, askStream: askTcp, makeKey: tsigKey },
    ),
  );
}
