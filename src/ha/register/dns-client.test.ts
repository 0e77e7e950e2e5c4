import { describe, expect, it } from 'vitest';

import { ok, systemRandom } from '../../base/index.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import { uint48 } from './bytes.ts';
import { createDnsClient } from './dns-client.ts';
import type { DnsClientPorts } from './dns-client.ts';
import { dnsCodes, dnsTypes } from './dns-message.ts';
import type { DnsMessage } from './dns-message.ts';
import { tsigKey } from './hmac.node.ts';
import { queryMessage, updateMessage } from './lease-messages.ts';
import { signedAnswer } from './testing/signed-answer.ts';
import type { AnswerOptions } from './testing/signed-answer.ts';

const key = tsigKey('key.example.', 'hmac-sha256', 'c2VjcmV0')!;
const wallMs = Date.UTC(2026, 0, 1);
const seconds = wallMs / 1000;
const query = (id: number): DnsMessage => queryMessage(id, 'gw.home.lan.', dnsTypes.A);
const place = { zone: 'lan.', name: 'gw.home.lan.', ttlSeconds: 0, keyName: key.name };
const record = { epoch: 1, holder: 'a', ctr: 1, addr: '' };

type Answer = readonly [change: Partial<DnsMessage>, options?: Partial<AnswerOptions>];

/** A server in the same process: the answers in order, to whoever asks over UDP; TCP has its own. */
function client(udp: readonly Answer[], tcp: readonly Answer[] = []) {
  const asked: string[] = [];
  const alarms: string[] = [];
  const clock = manualClock(wallMs);
  const answer = (answers: readonly Answer[], count: number, bytes: Uint8Array): Uint8Array => {
    const [change, options] = answers[count] ?? [{}];
    return signedAnswer(bytes, change, key, { seconds, ...options });
  };
  const ports: DnsClientPorts = {
    clock,
    random: systemRandom(),
    onAlarm: (words) => alarms.push(words),
    openDatagrams: (_to, listener) => ({
      send: (bytes) => {
        asked.push('udp');
        listener.onMessage(answer(udp, asked.length - 1, bytes));
      },
      close: () => undefined,
    }),
    askStream: async (_to, bytes) => {
      asked.push('tcp');
      return ok(answer(tcp, 0, bytes));
    },
  };
  return { client: createDnsClient({ host: '10.0.0.53', port: 53 }, ports), asked, alarms, clock };
}

describe('a signed question to a DNS server', () => {
  it('asks for the rest of a cut answer over TCP, but not again for what was done', async () => {
    const cut: Answer = [{ isTruncated: true }];
    const reader = client([cut], [[{ code: dnsCodes.nameError }]]);
    expect(await reader.client.ask(query, key, 1000)).toMatchObject({
      kind: 'answered',
      message: { code: dnsCodes.nameError },
    });
    expect(reader.asked).toEqual(['udp', 'tcp']);
    const writer = client([cut]);
    const update = (id: number): DnsMessage => updateMessage(id, place, null, record, null)!;
    expect(await writer.client.ask(update, key, 1000)).toMatchObject({
      kind: 'answered',
    });
    expect(writer.asked).toEqual(['udp']);
  });

  it("takes the server's time after BADTIME, once a question, and keeps it for the next ones", async () => {
    const badTime: Answer = [
      { code: dnsCodes.notAuthorised },
      { error: dnsCodes.badTime, other: uint48(seconds + 3600) },
    ];
    const later: Answer = [{}, { seconds: seconds + 3600 }];
    const { client: patient, asked, alarms } = client([badTime, later, later]);
    expect(await patient.ask(query, key, 1000)).toMatchObject({ kind: 'answered' });
    expect(await patient.ask(query, key, 1000)).toMatchObject({ kind: 'answered' });
    expect(asked).toHaveLength(3);
    expect(alarms).toEqual([expect.stringMatching(/3600 s apart/u)]);
    const again: Answer = [
      {},
      { seconds: seconds + 3600, error: dnsCodes.badTime, other: uint48(seconds) },
    ];
    const stubborn = client([badTime, again]);
    expect(await stubborn.client.ask(query, key, 1000)).toMatchObject({
      kind: 'failed',
      words: expect.stringMatching(/^BADTIME/u),
    });
    expect(stubborn.asked).toHaveLength(2);
  });
});
