import { expect, test } from 'vitest';

import { fail, ok, type Result } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import type { GatewayFailure, RequestOptions } from '../gateways/index.ts';
import { createCrossingLink } from './crossing-link.ts';

const peer = { url: 'wss://work.example', tlsFingerprint: null };
const crossing = {
  id: 'run-1',
  destination: { gatewayId: 'acme', pin: 'pin:work', sessionKey: 'agent:main:abcd' },
  text: 'Is it at three?',
  wantsReply: true,
};
const answer = (runId: string, text: string, more: object = {}) => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
  __openclaw: { runId },
  ...more,
});

/** A link to one gateway whose answers are the test's. */
function rig() {
  const clock = manualClock();
  const told: string[] = [];
  const requests: { method: string; params: unknown }[] = [];
  let rows: unknown[] = [];
  let receipt: Result<unknown, GatewayFailure> = ok({ runId: 'run-1', status: 'started' });
  const link = createCrossingLink({
    clock,
    pinOf: (_id, { url }) => (url === peer.url ? 'pin:work' : 'pin:other'),
    door: () => ({
      left: (id) => told.push(`left ${id}`),
      failed: (id, detail) => told.push(`failed ${id} ${detail}`),
      replied: (id, text) => told.push(`replied ${id} ${text}`),
    }),
    connection: (id) =>
      id !== 'acme'
        ? undefined
        : {
            state: () => ({ phase: 'ready', sinceMs: 0, version: '1', scopes: [] }),
            request: (method, params, options?: Partial<RequestOptions>) => {
              if (options?.mayLeave?.(peer) === false) return Promise.resolve(fail(stopped));
              requests.push({ method, params });
              return Promise.resolve(method === 'chat.history' ? ok({ messages: rows }) : receipt);
            },
          },
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return {
    link,
    told,
    requests,
    settle,
    methods: () => requests.map(({ method }) => method),
    setRows: (next: unknown[]) => {
      rows = next;
    },
    setReceipt: (next: Result<unknown, GatewayFailure>) => {
      receipt = next;
    },
    passMs: async (ms: number) => {
      clock.advance(ms);
      await settle();
    },
    end: (runId = 'run-1', gatewayId = 'acme') => {
      link.admitted(gatewayId, {
        kind: 'chat',
        sessionKey: 'agent:main:abcd',
        runId,
        seq: 1,
        state: 'final',
        text: 'what the event says',
        delta: null,
        replace: false,
        stopReason: null,
        error: null,
      });
    },
  };
}

const stopped: GatewayFailure = {
  kind: 'aborted',
  sent: false,
  code: 'NOT_PERMITTED',
  message: '',
  retryable: false,
};

test('a question leaves as one message, and its reply is what the transcript has for its run', async () => {
  const { link, told, requests, settle, setRows, passMs, end } = rig();
  link.send(crossing, () => true);
  expect(requests).toEqual([
    {
      method: 'chat.send',
      params: {
        sessionKey: 'agent:main:abcd',
        message: 'Is it at three?',
        idempotencyKey: 'run-1',
      },
    },
  ]);
  await settle();
  expect(told).toEqual(['left run-1']);
  setRows([answer('another run', 'no'), answer('run-1', '', { content: [{ type: 'toolCall' }] })]);
  end();
  await passMs(100);
  expect(told).toEqual(['left run-1']); // not there yet
  setRows([answer('another run', 'no'), answer('run-1', 'true')]);
  await passMs(200);
  expect(told).toEqual(['left run-1', 'replied run-1 true']);
});

test('the reply is found although its event never came', async () => {
  const { link, told, settle, setRows, passMs } = rig();
  link.send(crossing, () => true);
  await settle();
  setRows([answer('run-1', 'true')]);
  await passMs(5_000);
  expect(told).toContain('replied run-1 true');
});

test('the end of its run may be told before the receipt', async () => {
  const { link, told, settle, setRows, passMs, end } = rig();
  link.send(crossing, () => true);
  setRows([answer('run-1', 'true')]);
  end();
  await settle();
  await passMs(20);
  expect(told).toEqual(['left run-1', 'replied run-1 true']);
});

test('nothing is written that the broker does not permit, to whichever peer it leads', async () => {
  const { link, told, requests, settle } = rig();
  const pins: string[] = [];
  link.send(crossing, (pin) => {
    pins.push(pin);
    return false;
  });
  await settle();
  expect(pins).toEqual(['pin:work']);
  expect(requests).toEqual([]);
  expect(told).toEqual(['failed run-1 NOT_PERMITTED']);
});

test('after an abort nothing is written: no question for the reply, no request to stop', async () => {
  const { link, told, settle, methods, end, passMs } = rig();
  link.send(crossing, () => true);
  await settle();
  link.abort('run-1');
  end();
  await passMs(60_000);
  expect(methods()).toEqual(['chat.send']);
  expect(told).toEqual(['left run-1']);
});

test('what is told needs no reply', async () => {
  const { link, told, settle, passMs, methods } = rig();
  link.send({ ...crossing, wantsReply: false }, () => true);
  await settle();
  await passMs(60_000);
  expect(told).toEqual(['left run-1']);
  expect(methods()).toEqual(['chat.send']);
});

test('a message that may have arrived is looked up, one that was refused has failed', async () => {
  const doubtful = rig();
  doubtful.setReceipt(fail({ ...stopped, kind: 'timeout', sent: true, code: 'TIMEOUT' }));
  doubtful.link.send(crossing, () => true);
  await doubtful.settle();
  expect(doubtful.told).toEqual([]);
  doubtful.setRows([answer('run-1', 'true')]);
  await doubtful.passMs(5_000);
  expect(doubtful.told).toEqual(['replied run-1 true']);

  const refused = rig();
  refused.setReceipt(fail({ ...stopped, kind: 'rejected', sent: true, code: 'UNAVAILABLE' }));
  refused.link.send(crossing, () => true);
  await refused.settle();
  expect(refused.told).toEqual(['failed run-1 UNAVAILABLE']);
});

test('a run that failed has no reply, and another gateway’s event ends nothing', async () => {
  const { link, told, settle, setRows, passMs, end, methods } = rig();
  link.send(crossing, () => true);
  await settle();
  end('run-1', 'another');
  await passMs(200);
  expect(methods()).toEqual(['chat.send']);
  setRows([answer('run-1', 'no model', { stopReason: 'error' })]);
  end();
  await passMs(100);
  expect(told).toEqual(['left run-1', 'failed run-1 its run failed']);
});

test('without a connection it fails at once', async () => {
  const { link, told, settle } = rig();
  const elsewhere = { ...crossing.destination, gatewayId: 'gone' };
  link.send({ ...crossing, destination: elsewhere }, () => true);
  await settle();
  expect(told).toEqual(['failed run-1 NOT_CONNECTED']);
});
