/**
 * One question and its answer over datagrams that may be lost, doubled, late or forged.
 *
 * Invariants
 * 1. Only an answer that `judge` accepts ends the exchange; anything else is remembered as words and waited past.
 * 2. The same bytes are sent again while there is no answer, so the question must bear being received twice.
 * 3. It ends at its time limit at the latest, and nothing that arrives later is looked at.
 */
import type { Clock, Result } from '../../base/index.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface DatagramChannel {
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface DatagramListener {
  readonly onMessage: (bytes: Uint8Array) => void;
  /** The system has something to say (nobody listens there, no route); more may still come. */
  readonly onTrouble: (words: string) => void;
}

/** Opens a channel to one endpoint, which alone is heard on it. */
export type OpenDatagrams = (to: Endpoint, listener: DatagramListener) => DatagramChannel;

/** Asks over TCP with a 16-bit length before each message (RFC 1035, 4.2.2); for answers that do not fit a datagram. */
export type AskStream = (
  to: Endpoint,
  bytes: Uint8Array,
  timeoutMs: number,
) => Promise<Result<Uint8Array, string>>;

export interface WirePorts {
  readonly clock: Clock;
  readonly openDatagrams: OpenDatagrams;
}

export interface Exchange<T> {
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
  readonly timeoutMs: number;
  /** Accepts an answer, or says why it does not count. */
  readonly judge: (bytes: Uint8Array) => Result<T, string>;
}

/** `trouble`: the last thing that went wrong, if anything did. */
export type ExchangeEnd<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'silent'; readonly trouble: string | null };

/**
 * Pauses before each further send. The first is above what a loaded DNS server usually takes; several within one time
 * limit, because with one packet in five lost a single question fails in more than a third of all cases.
 */
const pausesMs = [80, 120, 180, 270, 400] as const;

/** Asks until there is an answer or the time is over. Never rejects. */
export function exchange<T>(wanted: Exchange<T>, ports: WirePorts): Promise<ExchangeEnd<T>> {
  const { clock } = ports;
  return new Promise((resolve) => {
    let sends = 0;
    let trouble: string | null = null;
    let ended = false;
    let cancelSend = (): void => undefined;
    const end = (result: ExchangeEnd<T>): void => {
      if (ended) return;
      ended = true;
      cancelSend();
      cancelLimit();
      channel.close();
      resolve(result);
    };
    const cancelLimit = clock.after(wanted.timeoutMs, () => {
      end({ kind: 'silent', trouble });
    });
    const channel = ports.openDatagrams(wanted.to, {
      onMessage: (bytes) => {
        if (ended) return;
        const judged = wanted.judge(bytes);
        if (judged.ok) end({ kind: 'answered', value: judged.value });
        else trouble = judged.error;
      },
      onTrouble: (words) => (trouble = words),
    });
    const send = (): void => {
      const pauseMs = pausesMs[sends];
      sends += 1;
      if (pauseMs !== undefined) cancelSend = clock.after(pauseMs, send);
      channel.send(wanted.bytes);
    };
    send();
  });
}
