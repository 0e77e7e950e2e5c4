import { describe, expect, it } from 'vitest';

import { fail, ok } from '../../base/index.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import { exchange } from './exchange.ts';
import type { DatagramListener, ExchangeEnd } from './exchange.ts';

const question = Uint8Array.of(1);

function begin(timeoutMs = 1000) {
  const clock = manualClock();
  const sentAtMs: number[] = [];
  let listener: DatagramListener | undefined;
  let isClosed = false;
  let end: ExchangeEnd<number> | undefined;
  const done = exchange<number>(
    {
      to: { host: '10.0.0.53', port: 53 },
      bytes: question,
      timeoutMs,
      judge: ([value = 0]) => (value > 9 ? ok(value) : fail(`${value} is too little`)),
    },
    {
      clock,
      openDatagrams: (_to, given) => {
        listener = given;
        return { send: () => sentAtMs.push(clock.bootMs()), close: () => (isClosed = true) };
      },
    },
  ).then((result) => (end = result));
  return {
    clock,
    sentAtMs,
    listener: listener!,
    done,
    isClosed: () => isClosed,
    end: () => end,
  };
}

describe('a question over datagrams', () => {
  it('is sent again while there is no answer, and given up at its time limit', async () => {
    const { clock, sentAtMs, done, isClosed, end } = begin();
    clock.advance(999);
    await Promise.resolve();
    expect(end()).toBeUndefined();
    clock.advance(1);
    expect(await done).toEqual({ kind: 'silent', trouble: null });
    clock.advance(10_000);
    expect(sentAtMs).toEqual([0, 80, 200, 380, 650]);
    expect(isClosed()).toBe(true);
  });

  it('ends with the first answer that counts, and asks no more', async () => {
    const { clock, sentAtMs, listener, done, isClosed } = begin();
    clock.advance(100);
    listener.onMessage(Uint8Array.of(42));
    listener.onMessage(Uint8Array.of(43));
    expect(await done).toEqual({ kind: 'answered', value: 42 });
    clock.advance(10_000);
    expect(sentAtMs).toEqual([0, 80]);
    expect(isClosed()).toBe(true);
  });

  it('waits past answers that do not count and past trouble, and remembers the last words', async () => {
    const { clock, listener, done } = begin();
    listener.onMessage(Uint8Array.of(3));
    clock.advance(500);
    listener.onTrouble('nothing listens');
    clock.advance(500);
    expect(await done).toEqual({ kind: 'silent', trouble: 'nothing listens' });
    const other = begin();
    other.listener.onTrouble('nothing listens');
    other.listener.onMessage(Uint8Array.of(3));
    other.listener.onMessage(Uint8Array.of(10));
    expect(await other.done).toMatchObject({ kind: 'answered', value: 10 });
  });
});
