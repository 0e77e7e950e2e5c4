/**
 * A register kept by a witness: one datagram there, one back.
 *
 * UDP, because a request and its answer are one packet each, there is no connection to find dead and build again after a
 * restart or a partition, and a lost packet holds nothing else up. What TCP would add is added here: asking again, and
 * telling a doubled swap from a lost one.
 *
 * Invariants
 * 1. `swapped` and `conflict` come from an authenticated reply with this request's nonce; every other trouble is `unknown`.
 * 2. A swap that is refused because the register holds exactly our value may be the second copy of one that happened, or
 *    one of an earlier life: it is `present`, and the election tells which.
 */
import { fail, ok } from '../../base/index.ts';
import type { Random, Result } from '../../base/index.ts';
import type { RegisterSwap } from '../model.ts';
import type { Register } from '../ports.ts';
import { exchange } from '../register/exchange.ts';
import type { WirePorts } from '../register/exchange.ts';
import { oneAtATime } from '../register/one-at-a-time.ts';
import { sameRecord } from '../register/record.ts';
import type { Hmac } from '../register/tsig.ts';
import type { WitnessAnswer, WitnessRequest } from './model.ts';
import { decodeReply, encodeRequest } from './wire.ts';

const defaultTimeoutMs = 1000;
/** With less time than this left, asking is pointless (the boot clock counts in 10 ms). */
const leastMs = 20;

export interface WitnessRegisterOptions {
  readonly host: string;
  readonly port: number;
  readonly pair: string;
  /** The shared secret, or why it is not known; asked each time, so a new one is noticed. */
  readonly secret: () => Promise<Result<string, string>>;
  readonly timeoutMs?: number | undefined;
}

export interface WitnessRegisterPorts extends WirePorts {
  readonly random: Random;
  readonly makeHmac: (secret: string) => Hmac;
}

/** Opens the register of one pair at a witness. */
export function witnessRegister(
  options: WitnessRegisterOptions,
  ports: WitnessRegisterPorts,
): Register & { close(): void } {
  const { clock } = ports;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const inTurn = oneAtATime();
  let isClosed = false;

  const ask = async (
    request: WitnessRequest,
    untilMs: number,
  ): Promise<Result<WitnessAnswer, string>> => {
    const secret = await options.secret();
    if (!secret.ok) return secret;
    const hmac = ports.makeHmac(secret.value);
    const bytes = encodeRequest(options.pair, request, hmac);
    if (bytes === null) return fail('the record is too long for a witness; shorten the address');
    const judge = (packet: Uint8Array): Result<WitnessAnswer, string> => {
      const reply = decodeReply(packet, hmac);
      if (!reply.ok) return reply;
      return reply.value.nonce === request.nonce
        ? ok(reply.value.answer)
        : fail('an answer to another question came');
    };
    const left = Math.max(1, untilMs - clock.bootMs());
    const end = await exchange({ to: options, bytes, timeoutMs: left, judge }, ports);
    return end.kind === 'answered' ? ok(end.value) : fail(end.trouble ?? silentWords(options));
  };

  const swap = async (
    request: WitnessRequest & { op: 'swap' },
    untilMs: number,
  ): Promise<RegisterSwap> => {
    if (isClosed || untilMs - clock.bootMs() < leastMs)
      return { kind: 'unknown', detail: 'the swap was not sent: another one took all the time' };
    const asked = await ask(request, untilMs);
    if (!asked.ok) return { kind: 'unknown', detail: asked.error };
    const answer = asked.value;
    switch (answer.kind) {
      case 'swapped':
        return { kind: 'swapped' };
      case 'conflict':
        return sameRecord(answer.held, request.next) ? { kind: 'present' } : { kind: 'conflict' };
      case 'failed':
      case 'unreadable':
        return { kind: 'unknown', detail: `the witness: ${answer.detail}` };
      case 'found':
      case 'empty':
        return { kind: 'unknown', detail: 'the witness answered something else than was asked' };
    }
  };

  return {
    read: async () => {
      const request = { op: 'read', nonce: ports.random.id() } as const;
      const asked = await ask(request, clock.bootMs() + timeoutMs);
      if (!asked.ok) return { kind: 'unreadable', detail: asked.error };
      const answer = asked.value;
      if (answer.kind === 'found' || answer.kind === 'empty') return answer;
      return {
        kind: 'unreadable',
        detail: `the witness: ${'detail' in answer ? answer.detail : 'another answer than asked'}`,
      };
    },
    compareAndSwap: (expected, next) => {
      const request = { op: 'swap', nonce: ports.random.id(), expected, next } as const;
      const untilMs = clock.bootMs() + timeoutMs;
      return inTurn(() => swap(request, untilMs));
    },
    close: () => {
      isClosed = true;
    },
  };
}

function silentWords({ host, port }: WitnessRegisterOptions): string {
  return `no answer from the witness at ${host} port ${port}; does it run, may UDP pass, and is the secret the same on both sides?`;
}
