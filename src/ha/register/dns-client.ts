/**
 * Signed questions to one DNS server.
 *
 * Invariants
 * 1. What an answer says is used only after its signature verified (tsig.ts).
 * 2. A refused time (BADTIME) is told as an alarm and overcome once a question, with the server's own time: a wrong wall
 *    clock must not cost a lease, and the difference is no secret.
 */
import { fail, ok } from '../../base/index.ts';
import type { Random, Result } from '../../base/index.ts';
import { dnsOpcodes, encodeMessage } from './dns-message.ts';
import type { DnsMessage } from './dns-message.ts';
import { exchange } from './exchange.ts';
import type { AskStream, Endpoint, WirePorts } from './exchange.ts';
import { signRequest, verifyAnswer } from './tsig.ts';
import type { SignedRequest, TsigKey, VerifiedAnswer } from './tsig.ts';

/** RFC 1035, 4.2.1: what every server takes in one datagram. */
const longestDatagram = 512;

export interface DnsClientPorts extends WirePorts {
  readonly askStream: AskStream;
  readonly random: Random;
  /** Something works, but a person should look at it. */
  readonly onAlarm?: ((words: string) => void) | undefined;
}

export type DnsAnswer =
  | { readonly kind: 'answered'; readonly message: DnsMessage }
  | { readonly kind: 'failed'; readonly words: string };

export interface DnsClient {
  /** Asks with `key`; answers by boot time `untilMs` and never rejects. */
  ask(build: (id: number) => DnsMessage, key: TsigKey, untilMs: number): Promise<DnsAnswer>;
}

/** Makes a client for the server at `to`. */
export function createDnsClient(to: Endpoint, ports: DnsClientPorts): DnsClient {
  const { clock, random } = ports;
  let offsetSeconds = 0;
  const nowSeconds = (): number => Math.floor(clock.wallMs() / 1000) + offsetSeconds;

  const askOnce = async (
    request: SignedRequest,
    opcode: number,
    key: TsigKey,
    untilMs: number,
  ): Promise<Result<VerifiedAnswer, string>> => {
    const leftMs = (): number => Math.max(1, untilMs - clock.bootMs());
    const judge = (bytes: Uint8Array): Result<VerifiedAnswer, string> =>
      verifyAnswer(bytes, request, key, nowSeconds());
    const overTcp = async (): ReturnType<typeof askOnce> => {
      const bytes = await ports.askStream(to, request.bytes, leftMs());
      return bytes.ok ? judge(bytes.value) : bytes;
    };
    if (request.bytes.length > longestDatagram) return overTcp();
    const end = await exchange({ to, bytes: request.bytes, timeoutMs: leftMs(), judge }, ports);
    if (end.kind === 'silent') {
      const place = `${to.host} port ${to.port}`;
      return fail(end.trouble ?? `no answer from ${place}; is it reachable, and does it run?`);
    }
    // An update that was answered is done, however short the answer was cut; only a query needs the rest.
    const needsRest =
      end.value.kind === 'answer' && end.value.message.isTruncated && opcode === dnsOpcodes.query;
    return needsRest ? overTcp() : ok(end.value);
  };

  return {
    ask: async (build, key, untilMs) => {
      for (const isLast of [false, true]) {
        const message = build(Math.floor(random.unit() * 0x10000));
        const request = signRequest(encodeMessage(message), key, nowSeconds());
        const asked = await askOnce(request, message.opcode, key, untilMs);
        if (!asked.ok) return { kind: 'failed', words: asked.error };
        const answer = asked.value;
        if (answer.kind === 'answer') return { kind: 'answered', message: answer.message };
        offsetSeconds = answer.serverSeconds - Math.floor(clock.wallMs() / 1000);
        const words = `BADTIME: our clock and that of ${to.host} are ${Math.abs(offsetSeconds)} s apart; set both by NTP`;
        ports.onAlarm?.(words);
        if (isLast) return { kind: 'failed', words };
      }
      throw new Error('unreachable');
    },
  };
}
