/** What follows the active gateway of a pair: the names in DNS that its configuration lists, and the register's own. */
import { createEmitter, fail, ok } from '../../base/index.ts';
import type { Clock, Random, Result } from '../../base/index.ts';
import type { DnsView } from '../../shared/index.ts';
import { createDnsFollower } from '../dns/follower.ts';
import type { DnsFollower } from '../dns/follower.ts';
import type { DnsProvider, DnsTarget, Resolver } from '../dns/model.ts';
import { openDnsFollower } from '../dns/open.node.ts';
import { createResolver } from '../dns/resolver.ts';
import type { DnsConfig, PairConfig, RegisterConfig } from '../model.ts';
import type { Follower } from '../ports.ts';
import { openUdp } from '../register/wire.node.ts';
import { secretNames } from './secrets.node.ts';

export type ClosableFollower = Follower & { close(): Promise<void> };

export interface FollowerPorts {
  readonly secret: (name: string) => Promise<string | null>;
  readonly clock: Clock;
  readonly random: Random;
}

const questionMs = 1_000;

/** Opens the followers of a pair; the error names the entry and what to correct. Nothing is sent by this alone. */
export function openFollowers(
  pair: PairConfig,
  ports: FollowerPorts,
): Result<readonly ClosableFollower[], string> {
  const { clock, random } = ports;
  const followers: ClosableFollower[] = [];
  if (pair.register.kind === 'rfc2136') followers.push(watchRegisterName(pair.register, ports));
  for (const [index, entry] of pair.dns.entries()) {
    const secret = (): Promise<string | null> => ports.secret(secretNames.dns(pair.id, index));
    const opened = tellChanges((onView) =>
      openDnsFollower(targetOf(entry), { secret, clock, random }, onView),
    );
    if (!opened.ok) return fail(`pair ${pair.id}, dns[${index}]: ${opened.error}`);
    followers.push(opened.value);
  }
  return ok(followers);
}

/** The name of a register in DNS moves with the register itself; here it is only looked at, as a client would. */
function watchRegisterName(
  register: Extract<RegisterConfig, { kind: 'rfc2136' }>,
  { clock, random }: FollowerPorts,
): ClosableFollower {
  const { name, server: host, port } = register;
  const resolver = createResolver({ host, port }, questionMs, {
    clock,
    random,
    openDatagrams: openUdp,
  });
  const provider = registerNameProvider(name, resolver);
  const opened = tellChanges((onView) =>
    ok(createDnsFollower({ provider, resolver, clock, random, onView })),
  );
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

function registerNameProvider(name: string, resolver: Resolver): DnsProvider {
  return {
    kind: 'rfc2136',
    name,
    whenUnseen:
      'It moves in one step with the register; if it does not, somebody changed it by hand.',
    apply: async ({ address }) =>
      ok({ address, ttlSeconds: null, detail: 'It moved with the register.' }),
    read: async () => {
      const answer = await resolver.addresses(name, 4);
      return answer.kind === 'addresses'
        ? ok({ addresses: answer.addresses, ttlSeconds: answer.ttlSeconds, epoch: null })
        : fail({ kind: 'later', detail: answer.detail, retryAfterMs: null });
    },
    test: async () => ok('It moves with the register.'),
    close: () => Promise.resolve(),
  };
}

function tellChanges(
  open: (onView: (view: DnsView) => void) => Result<DnsFollower, string>,
): Result<ClosableFollower, string> {
  const changes = createEmitter<undefined>();
  const opened = open(() => changes.emit(undefined));
  if (!opened.ok) return opened;
  const follower = opened.value;
  return ok({
    publish: (epoch, addr) => follower.publish(epoch, addr),
    view: () => follower.view(),
    onChange: (listener) => changes.on(() => listener()),
    close: () => follower.close(),
  });
}

/** An entry of the configuration without its secret. */
function targetOf(entry: DnsConfig): DnsTarget {
  if (entry.kind !== 'rfc2136') return entry;
  const { key, ...rest } = entry;
  return { ...rest, keyName: key.name, algorithm: key.algorithm };
}
