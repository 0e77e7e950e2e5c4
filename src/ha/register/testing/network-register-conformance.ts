import { describe, expect, it } from 'vitest';

import type { RegisterRecord } from '../../model.ts';
import type { Register } from '../../ports.ts';
import type { Endpoint, OpenDatagrams } from '../exchange.ts';
import { openUdp } from '../wire.node.ts';
import { faultyDatagrams, sendRaw } from './faulty-datagrams.ts';
import type { FaultyDatagrams } from './faulty-datagrams.ts';

const first: RegisterRecord = { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://127.0.0.1:21000' };
const second: RegisterRecord = { epoch: 2, holder: 'home-b', ctr: 2, addr: 'ws://127.0.0.2:21120' };
const third: RegisterRecord = { ...second, ctr: 3 };

/** A server with one new, empty register. */
export interface NetworkRegisterBench {
  readonly to: Endpoint;
  /** Opens the register once more, over this network. `wrongSecret`: with a secret that the server does not know. */
  open(
    datagrams: OpenDatagrams,
    options?: { readonly timeoutMs?: number; readonly wrongSecret?: boolean },
  ): Register;
  /** Ends the server without warning. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** What every register over a network must bear, with the real server behind it. */
export function networkRegisterConformance(
  name: string,
  bench: () => Promise<NetworkRegisterBench>,
): void {
  describe(`${name} over a bad network`, () => {
    it('does not know a swap whose answers are all lost, and reads its own write', async () => {
      const { register, network, others } = await begin(bench, { timeoutMs: 250 });
      await others.compareAndSwap(null, first);
      network.onReply(() => 'drop');
      expect(await register.compareAndSwap(first, second)).toMatchObject({ kind: 'unknown' });
      network.onReply(() => 'pass');
      expect(await register.read()).toEqual({ kind: 'found', record: second });
    });

    it('knows a swap whose first answer is lost', async () => {
      const { register, network } = await begin(bench);
      network.onReply((count) => (count === 0 ? 'drop' : 'pass'));
      expect(await register.compareAndSwap(null, first)).toEqual({ kind: 'present' });
      expect(network.requests.length).toBeGreaterThan(1);
      network.onReply((count) => (count === 0 ? 'drop' : 'pass'));
      expect(await register.compareAndSwap(first, second)).toEqual({ kind: 'present' });
      expect(await register.read()).toEqual({ kind: 'found', record: second });
    });

    it('knows a swap that the network doubled, and lost the first answer to', async () => {
      const { register, network } = await begin(bench);
      network.onRequest(() => 'twice');
      network.onReply((count) => (count === 0 ? 'drop' : 'pass'));
      expect(await register.compareAndSwap(null, first)).toEqual({ kind: 'present' });
      expect(network.requests.length).toBeLessThanOrEqual(2); // a swap, and a look
    });

    it('asks again when the question is lost', async () => {
      const { register, network } = await begin(bench);
      network.onRequest((count) => (count === 0 ? 'drop' : 'pass'));
      expect(await register.compareAndSwap(null, first)).toEqual({ kind: 'swapped' });
      network.onRequest((count) => (count === 0 ? 'drop' : 'pass'));
      expect(await register.read()).toEqual({ kind: 'found', record: first });
    });

    it('loses a swap that another won while its question was lost', async () => {
      const { register, network, others } = await begin(bench);
      await others.compareAndSwap(null, first);
      let theirs: Promise<unknown> = Promise.resolve();
      network.onRequest((count) => {
        if (count > 0) return 'pass';
        theirs = others.compareAndSwap(first, second);
        return 'drop';
      });
      expect(await register.compareAndSwap(first, { ...first, ctr: 2 })).toEqual({
        kind: 'conflict',
      });
      expect(await theirs).toEqual({ kind: 'swapped' });
    });

    it('swaps once however often packets are doubled', async () => {
      const { register, network } = await begin(bench);
      network.onRequest(() => 'twice');
      network.onReply(() => 'twice');
      expect(await register.compareAndSwap(null, first)).toEqual({ kind: 'swapped' });
      expect(await register.compareAndSwap(first, second)).toEqual({ kind: 'swapped' });
      expect(await register.compareAndSwap(first, third)).toEqual({ kind: 'conflict' });
      expect(await register.read()).toEqual({ kind: 'found', record: second });
    });

    it('is not changed by a swap that arrives after the register moved on', async () => {
      const { bench: server, register, network, others } = await begin(bench, { timeoutMs: 120 });
      await others.compareAndSwap(null, first);
      network.onRequest(() => 'drop');
      const late = { ...first, ctr: 2 };
      expect(await register.compareAndSwap(first, late)).toMatchObject({ kind: 'unknown' });
      expect(await others.compareAndSwap(first, second)).toEqual({ kind: 'swapped' });
      expect(await sendRaw(openUdp, server.to, network.requests[0]!, 5000)).not.toBeNull();
      expect(await others.read()).toEqual({ kind: 'found', record: second });
    });

    it('does happen late while the register still holds what was expected, and the writer reads it', async () => {
      const { bench: server, register, network, others } = await begin(bench, { timeoutMs: 120 });
      await others.compareAndSwap(null, first);
      network.onRequest(() => 'drop');
      expect(await register.compareAndSwap(first, second)).toMatchObject({ kind: 'unknown' });
      expect(await others.read()).toEqual({ kind: 'found', record: first });
      expect(await sendRaw(openUdp, server.to, network.requests[0]!, 5000)).not.toBeNull();
      network.onRequest(() => 'pass');
      expect(await others.read()).toEqual({ kind: 'found', record: second });
    });

    it('is not changed by a recording of everything that was ever sent', async () => {
      const { bench: server, register, network } = await begin(bench);
      await register.compareAndSwap(null, first);
      await register.compareAndSwap(first, second);
      await register.compareAndSwap(second, third);
      for (const packet of [...network.requests]) await sendRaw(openUdp, server.to, packet, 5000);
      expect(await register.read()).toEqual({ kind: 'found', record: third });
    });

    it('believes no answer that was changed on its way', async () => {
      const { register, network } = await begin(bench, { timeoutMs: 120 });
      await register.compareAndSwap(null, first);
      network.onReply(() => 'flip');
      expect(await register.read()).toMatchObject({ kind: 'unreadable' });
      expect(await register.compareAndSwap(second, third)).toMatchObject({ kind: 'unknown' });
    });

    it('believes no answer to an earlier question', async () => {
      const { register, network } = await begin(bench);
      await register.compareAndSwap(null, first);
      await register.read();
      const old = network.replies.at(-1)!;
      await register.compareAndSwap(first, second);
      network.replaceNextReply(old);
      expect(await register.read()).toEqual({ kind: 'found', record: second });
    });

    it('gives nothing to, and takes nothing from, one with another secret', async () => {
      const { bench: server, others } = await begin(bench);
      await others.compareAndSwap(null, first);
      const stranger = server.open(openUdp, { timeoutMs: 800, wrongSecret: true });
      expect(await stranger.read()).toMatchObject({
        kind: 'unreadable',
        detail: expect.stringMatching(/secret/u),
      });
      expect(await stranger.compareAndSwap(first, second)).toMatchObject({
        kind: 'unknown',
        detail: expect.stringMatching(/secret/u),
      });
      expect(await others.read()).toEqual({ kind: 'found', record: first });
    });

    it('keeps its record when the server is killed, and says so while it is gone', async () => {
      const { bench: server, register } = await begin(bench, { timeoutMs: 1500 });
      await register.compareAndSwap(null, first);
      await register.compareAndSwap(first, second);
      await server.kill();
      expect(await register.read()).toMatchObject({
        kind: 'unreadable',
        detail: expect.stringMatching(/nothing listens/u),
      });
      expect(await register.compareAndSwap(second, third)).toMatchObject({ kind: 'unknown' });
      await server.start();
      expect(await register.read()).toEqual({ kind: 'found', record: second });
      expect(await register.compareAndSwap(first, third)).toEqual({ kind: 'conflict' });
      expect(await register.compareAndSwap(second, third)).toEqual({ kind: 'swapped' });
    });

    it('sends one swap at a time', async () => {
      const { register, network } = await begin(bench, { timeoutMs: 300 });
      network.onRequest(() => 'drop');
      const one = register.compareAndSwap(null, first);
      const other = register.compareAndSwap(null, second);
      expect(await one).toMatchObject({ kind: 'unknown' });
      expect(await other).toMatchObject({
        kind: 'unknown',
        detail: expect.stringMatching(/not sent/u),
      });
      expect(new Set(network.requests.map((packet) => packet.join())).size).toBe(1);
    });
  });
}

async function begin(
  open: () => Promise<NetworkRegisterBench>,
  options: { readonly timeoutMs?: number } = {},
): Promise<{
  readonly bench: NetworkRegisterBench;
  readonly network: FaultyDatagrams;
  readonly register: Register;
  readonly others: Register;
}> {
  const bench = await open();
  const network = faultyDatagrams(openUdp);
  return {
    bench,
    network,
    register: bench.open(network.open, { timeoutMs: 5000, ...options }),
    others: bench.open(openUdp, { timeoutMs: 5000 }),
  };
}
