import { fail, ok } from '../../../base/index.ts';
import type { Clock } from '../../../base/index.ts';
import { superseded } from '../failures.ts';
import type { ApplyOptions, DnsChange, DnsProvider, Resolver } from '../model.ts';

/** What one call to the provider meets. `late`: it is cut off by its caller and takes effect `afterMs` later all the same. */
export type Mishap =
  | { readonly kind: 'slow'; readonly forMs: number }
  | { readonly kind: 'late'; readonly afterMs: number }
  | { readonly kind: 'fails'; readonly retryAfterMs?: number }
  | { readonly kind: 'wrong' };

export interface SharedRecord {
  address: string;
  epoch: number;
  /** Everything that was written, oldest first. */
  readonly writes: { readonly epoch: number; readonly atMs: number }[];
  /** How often a provider was asked for a change. */
  asked: number;
  /** Told to resolvers only after this much time. */
  cacheMs: number;
  isDown: boolean;
  /** A provider on it, as one host has it. `mishaps` meet its calls in order. */
  provider(mishaps?: Mishap[]): DnsProvider;
  readonly resolver: Resolver;
}

/** A record at a provider that has no compare-and-swap, seen by clients through a resolver that may keep an old answer. */
export function sharedRecord(clock: Clock): SharedRecord {
  let told = { address: '10.0.0.9', atMs: Number.NEGATIVE_INFINITY };
  const record: SharedRecord = {
    address: '10.0.0.9',
    epoch: 0,
    writes: [],
    asked: 0,
    cacheMs: 0,
    isDown: false,
    provider: (mishaps = []) => ({
      kind: 'cloudflare',
      name: 'gw.example.org',
      whenUnseen: 'Look at the name servers.',
      apply: async (change, options = {}) => {
        record.asked += 1;
        const mishap = mishaps.shift();
        if (record.isDown)
          return fail({ kind: 'later', detail: 'It is down.', retryAfterMs: null });
        if (mishap?.kind === 'fails') {
          const retryAfterMs = mishap.retryAfterMs ?? null;
          return fail({ kind: 'later', detail: 'It failed.', retryAfterMs });
        }
        if (mishap?.kind === 'wrong') return fail({ kind: 'wrong', detail: 'Give it a token.' });
        if (record.epoch > change.epoch) return superseded('It', record.epoch, change.epoch);
        if (record.epoch === change.epoch && record.address === change.address) return done(change);
        if (mishap?.kind === 'late') {
          clock.after(mishap.afterMs, () => write(change));
          await untilCut(options, mishap.afterMs / 2);
          return fail({ kind: 'later', detail: 'It did not answer.', retryAfterMs: null });
        }
        if (mishap?.kind === 'slow') await untilCut(options, mishap.forMs);
        write(change);
        return done(change);
      },
      read: async () => ok({ addresses: [record.address], ttlSeconds: 60, epoch: record.epoch }),
      test: async () => ok('It works.'),
      close: async () => undefined,
    }),
    resolver: {
      server: '10.0.0.53',
      version: async () => null,
      addresses: async () => {
        if (clock.bootMs() - told.atMs >= record.cacheMs)
          told = { address: record.address, atMs: clock.bootMs() };
        return { kind: 'addresses', addresses: [told.address], ttlSeconds: 60 };
      },
    },
  };

  const done = ({ address }: DnsChange) => ok({ address, ttlSeconds: 60, detail: 'Done.' });

  const write = ({ epoch, address }: DnsChange): void => {
    record.epoch = epoch;
    record.address = address;
    record.writes.push({ epoch, atMs: clock.bootMs() });
  };

  const untilCut = ({ signal }: ApplyOptions, forMs: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(forMs, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  return record;
}

/** Lets everything run that is due within `forMs`, in small steps, with all promises settled between them. */
export async function pass(
  clock: { advance(byMs: number): void },
  forMs: number,
  stepMs = 10,
): Promise<void> {
  for (let leftMs = forMs; leftMs > 0; leftMs -= stepMs) {
    await settle();
    clock.advance(Math.min(stepMs, leftMs));
  }
  await settle();
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
