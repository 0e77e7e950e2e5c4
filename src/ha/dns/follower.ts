/**
 * Keeps a name in DNS behind the role: what the newest epoch says is what clients are told.
 *
 * Invariants
 * 1. An epoch below the highest one heard of is never written, however late its publish comes or its retry is due.
 * 2. One write at a time. A newer publish cuts the older write off and begins when that call has ended.
 * 3. A write that was cut off or lost its answer may still land: as long as an epoch is the newest it is looked at again,
 *    and written again where something else is found.
 * 4. `ok` is only said after the resolver gave the new address and no other.
 * 5. A provider that holds a newer epoch ends the work: nothing is written over it.
 * 6. A publish never fails towards its caller; what goes wrong is in the view, and is tried again while it is newest.
 */
import { createBackoff, delay, errorText } from '../../base/index.ts';
import type { Clock, Random, Result } from '../../base/index.ts';
import type { DnsView } from '../../shared/index.ts';
import { later } from './failures.ts';
import type { Applied, DnsFailure, DnsProvider, Resolver } from './model.ts';
import { familyOf, hostAddress } from './names.ts';

export interface DnsFollowerOptions {
  readonly provider: DnsProvider;
  /** What clients ask. */
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: Random;
  /** Called after every change of the view. */
  readonly onView: (view: DnsView) => void;
}

/** What moves the name. Every host of a pair may publish the same epoch: the second one finds it done. */
export interface DnsFollower {
  /** The role moved: `addr` is the register's (an address, or a URL whose host is one). Returns at once. */
  publish(epoch: number, addr: string): void;
  /** A newer epoch was heard of whose address is not known here: what is older is given up. */
  supersede(epoch: number): void;
  view(): DnsView;
  /** Ends it, cutting off what is under way. */
  close(): Promise<void>;
}

interface Job {
  readonly epoch: number;
  readonly address: string;
  readonly cut: AbortController;
}

/** Between two looks at a name that is as it should be. */
const watchEveryMs = 30_000;
/** Above the time limit of a request, so that one that was cut off has landed by then if it ever will. */
const settleMs = 15_000;
/** While clients are still told something else: how long before the provider itself is looked at again. */
const unseenMs = 10_000;
const wrongRetryMs = 60_000;
const applyBackoff = { firstMs: 250, maxMs: 30_000, factor: 2, resetAfterUptimeMs: 0 } as const;
const checkBackoff = { firstMs: 20, maxMs: 2_000, factor: 2, resetAfterUptimeMs: 0 } as const;

/** Makes a follower; it does nothing before the first publish. */
export function createDnsFollower(options: DnsFollowerOptions): DnsFollower {
  const { provider, resolver, clock, random } = options;
  const { name } = provider;
  let highest = 0;
  let job: Job | null = null;
  let working: Promise<void> = Promise.resolve();
  let closed = false;
  let view: DnsView = {
    provider: provider.kind,
    name,
    address: null,
    epoch: 0,
    ok: false,
    ttlSeconds: null,
    checkedAtMs: null,
    detail: 'Nothing was published yet.',
  };

  const show = (change: Partial<DnsView>): void => {
    view = { ...view, ...change };
    options.onView(view);
  };

  const isNewest = (mine: Job): boolean => job === mine;

  const apply = async (mine: Job): Promise<Result<Applied, DnsFailure>> => {
    try {
      return await provider.apply(
        { name, address: mine.address, epoch: mine.epoch },
        {
          signal: mine.cut.signal,
          onProgress: (detail) => {
            if (isNewest(mine)) show({ detail });
          },
        },
      );
    } catch (error) {
      return later(`Our own code failed (a bug; please report it): ${errorText(error)}`);
    }
  };

  /** Asks until the answer is right (true), or for `forMs` in vain. */
  const seen = async (mine: Job, forMs: number): Promise<boolean> => {
    const { signal } = mine.cut;
    const backoff = createBackoff(checkBackoff, random);
    const endMs = clock.bootMs() + forMs;
    for (;;) {
      const answer = await resolver.addresses(name, familyOf(mine.address));
      if (!isNewest(mine)) return false;
      const right =
        answer.kind === 'addresses' &&
        answer.addresses.length === 1 &&
        answer.addresses[0] === mine.address;
      const checkedAtMs = clock.wallMs();
      if (right) {
        const { ttlSeconds } = answer;
        show({
          address: mine.address,
          ok: true,
          ttlSeconds,
          checkedAtMs,
          detail: `The resolver ${resolver.server} gives ${mine.address} (TTL ${String(ttlSeconds)} s).`,
        });
        return true;
      }
      if (answer.kind === 'addresses')
        show({
          address: answer.addresses[0] ?? null,
          ok: false,
          ttlSeconds: answer.ttlSeconds,
          checkedAtMs,
          detail: `The resolver ${resolver.server} still gives ${answer.addresses.join(' and ')} instead of ${mine.address} (TTL ${String(answer.ttlSeconds)} s). ${provider.whenUnseen}`,
        });
      else show({ address: null, ok: false, ttlSeconds: null, checkedAtMs, detail: answer.detail });
      if (clock.bootMs() >= endMs) return false;
      await delay(clock, backoff.nextDelayMs(), signal);
      if (!isNewest(mine)) return false;
    }
  };

  const work = async (mine: Job): Promise<void> => {
    const { signal } = mine.cut;
    let backoff = createBackoff(applyBackoff, random);
    let settled = false;
    while (isNewest(mine)) {
      const applied = await apply(mine);
      if (!isNewest(mine)) return;
      if (!applied.ok) {
        const { error } = applied;
        show({ ok: false, detail: error.detail });
        if (error.kind === 'superseded') {
          supersede(error.epoch);
          return;
        }
        const waitMs =
          error.kind === 'wrong'
            ? wrongRetryMs
            : Math.max(backoff.nextDelayMs(), error.retryAfterMs ?? 0);
        await delay(clock, waitMs, signal);
        continue;
      }
      if (!(await seen(mine, unseenMs))) {
        await delay(clock, backoff.nextDelayMs(), signal);
        continue;
      }
      backoff = createBackoff(applyBackoff, random);
      // Invariant 3: the first look again is at the provider itself, later ones are a question to the resolver.
      let right = true;
      while (right && isNewest(mine)) {
        await delay(clock, settled ? watchEveryMs : settleMs, signal);
        if (!isNewest(mine)) return;
        right = settled && (await seen(mine, 0));
        settled = true;
      }
    }
  };

  const supersede = (epoch: number): void => {
    if (epoch <= highest) return;
    highest = epoch;
    job?.cut.abort();
    job = null;
  };

  return {
    publish: (epoch, addr) => {
      if (closed || epoch < highest || (epoch === highest && job !== null)) return;
      const address = hostAddress(addr);
      supersede(epoch);
      if (epoch !== highest) return;
      if (address === null) {
        show({
          epoch,
          ok: false,
          detail: `“${addr}” names no IP address, so ${name} cannot follow. Give the gateway's URL with its address.`,
        });
        return;
      }
      const mine: Job = { epoch, address, cut: new AbortController() };
      job = mine;
      show({ epoch, ok: false, detail: `${name} is being moved to ${address}.` });
      working = working.then(() => work(mine));
    },
    supersede: (epoch) => {
      if (epoch <= highest) return;
      supersede(epoch);
      show({
        ok: false,
        detail: `Epoch ${String(epoch)} began elsewhere; this host no longer moves ${name}.`,
      });
    },
    view: () => view,
    close: async () => {
      closed = true;
      job?.cut.abort();
      job = null;
      await working;
      await provider.close();
    },
  };
}
