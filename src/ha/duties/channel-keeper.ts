/**
 * Runs the channels of one gateway while it is on duty, and stops them when it is not. Lives in the gateway's process (the
 * plugin): it needs no guardian to stop.
 *
 * Invariants
 * 1. One pass at a time; a change during a pass is followed by another one.
 * 2. Off duty nothing runs for longer than until the next pass, whoever started it.
 * 3. On duty each channel is started once: what a person stops afterwards stays stopped.
 * 4. Off duty each channel is stopped once, also one that does not run: OpenClaw's health monitor starts what nobody stopped.
 * 5. The gateway's configuration is never written: what is switched on there is what a person chose.
 */
import { delay, errorText } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { isFields } from '../fields.ts';
import type { ChannelState } from './model.ts';

export interface ChannelKeeperPorts {
  readonly onDuty: () => boolean;
  /** The gateway was started without channels: they cannot be started in this process. */
  readonly without: boolean;
  /** A method of the gateway's own; rejects when it is refused. */
  readonly call: (method: string, params: object) => Promise<unknown>;
  readonly clock: Clock;
  readonly changed: () => void;
  readonly warn: (message: string) => void;
}

export interface ChannelKeeper {
  /** Whether it is on duty may have changed. */
  follow(): void;
  channels(): readonly ChannelState[];
  /** What keeps it from its work, in words; empty: nothing. */
  problem(): string;
  stop(): void;
}

interface Account extends ChannelState {
  /** It would start again by itself. */
  readonly restarts: boolean;
}

const lookEveryMs = 15_000;
/** After a pass that could not do everything. */
const againMs = 1_000;

/** Starts keeping. */
export function keepChannels(ports: ChannelKeeperPorts): ChannelKeeper {
  const { clock, onDuty } = ports;
  let accounts: readonly Account[] = [];
  let told = '';
  let problem = '';
  /** Accounts that were started since this gateway came on duty, or stopped since it went off. */
  const done = new Set<string>();
  let wasOnDuty = onDuty();
  const stopping = new AbortController();
  let wake = new AbortController();

  const pass = async (): Promise<boolean> => {
    const before = accountsOf(await ports.call('channels.status', {}));
    if (ports.without) {
      tell(before, '');
      return true;
    }
    const failures: string[] = [];
    const duty = onDuty();
    if (duty !== wasOnDuty) done.clear();
    wasOnDuty = duty;
    const wanted = duty
      ? before.filter((one) => one.ready && !one.running && !one.restarts && !done.has(keyOf(one)))
      : before.filter((one) => one.running || one.restarts || (one.ready && !done.has(keyOf(one))));
    for (const one of wanted) {
      if (onDuty() !== duty) break;
      const method = duty ? 'channels.start' : 'channels.stop';
      try {
        await ports.call(method, { channel: one.channel, accountId: one.account });
        done.add(keyOf(one));
      } catch (error) {
        failures.push(`${one.channel}: ${errorText(error)}`);
      }
    }
    if (duty) for (const one of before) if (one.running) done.add(keyOf(one));
    const after =
      wanted.length === 0 ? before : accountsOf(await ports.call('channels.status', {}));
    tell(after, failures.join('; '));
    return failures.length === 0 && onDuty() === duty;
  };

  const tell = (found: readonly Account[], words: string): void => {
    accounts = found;
    problem = words;
    const text = JSON.stringify([found, words]);
    if (text === told) return;
    told = text;
    ports.changed();
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      let isDone = false;
      try {
        isDone = await pass();
      } catch (error) {
        // A gateway that starts refuses for a moment.
        tell(accounts, `its channels could not be looked at: ${errorText(error)}`);
      }
      await delay(clock, isDone ? lookEveryMs : againMs, wake.signal);
    }
  };
  run().catch((error: unknown) => ports.warn(`channels are not kept: ${errorText(error)}`));

  return {
    follow: () => wake.abort(),
    channels: () =>
      accounts.map(({ channel, account, ready, running, detail }) => ({
        channel,
        account,
        ready,
        running,
        detail,
      })),
    problem: () => problem,
    stop: () => {
      stopping.abort();
      wake.abort();
    },
  };
}

function keyOf({ channel, account }: ChannelState): string {
  return `${channel} ${account}`;
}

/** Reads the answer of `channels.status`. */
function accountsOf(status: unknown): readonly Account[] {
  const { channelAccounts } = Object(status) as { readonly channelAccounts?: unknown };
  if (!isFields(channelAccounts)) return [];
  return Object.entries(channelAccounts).flatMap(([channel, list]) =>
    Array.isArray(list)
      ? list.filter(isFields).map((found) => ({
          channel,
          account: typeof found['accountId'] === 'string' ? found['accountId'] : 'default',
          ready: found['configured'] === true && found['enabled'] !== false,
          running: found['running'] === true,
          restarts: found['restartPending'] === true,
          detail: typeof found['lastError'] === 'string' ? found['lastError'] : '',
        }))
      : [],
  );
}
