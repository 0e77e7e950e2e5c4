import { describe, expect, it } from 'vitest';

import { checkedPair } from '../testing/pair-config.ts';
import { settledPair } from '../testing/settled-pair.ts';
import { simulatePair } from '../testing/simulated-pair.ts';

const firstOfA = { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://127.0.0.1:21000' };

describe('start on one host', () => {
  it('gives a new pair to its primary, warms the standby by a turn, and says both', async () => {
    const pair = await settledPair();
    expect(pair.register.record).toEqual(firstOfA);
    expect(pair.register.owner()).toBe('home-a');
    expect(pair.kinds()).toEqual(['attached', 'warmed']);
    expect(pair.events[1]).toMatchObject({ gatewayId: 'home-b', epoch: 1 });
    expect(pair.published.at(-1)).toEqual([1, 'ws://127.0.0.1:21000']);
  });

  it('takes up again what the register says, in the same epoch', async () => {
    const pair = simulatePair([checkedPair()]);
    pair.register.record = { epoch: 7, holder: 'home-b', ctr: 9, addr: 'ws://127.0.0.1:21120' };
    pair.start();
    await pair.run(5_000);
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 7, cover: 'protected' });
    expect(pair.acting()).toBe('home-b');
    expect(pair.kinds()).toEqual(['attached', 'warmed']);
  });

  it('finds a gateway that holds the lock since before, and does not interrupt it', async () => {
    const pair = await settledPair();
    const [host] = pair.hosts;
    host!.crash();
    await pair.run(60_000);
    expect(pair.acting()).toBe('home-a');
    host!.start();
    await pair.run(5_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'protected' });
  });

  it('does nothing over a register that cannot be read, says so once, and goes on when it can', async () => {
    const pair = simulatePair([checkedPair()]);
    pair.register.readable = false;
    pair.primary.kill();
    pair.start();
    await pair.run(60_000);
    expect(pair.register.written).toEqual([]);
    expect(pair.kinds().filter((kind) => kind === 'register')).toHaveLength(1);
    expect(pair.view()).toMatchObject({ epoch: 0, cover: 'exposed', register: { ok: false } });

    pair.register.record = { epoch: 3, holder: 'home-a', ctr: 3, addr: 'ws://127.0.0.1:21000' };
    pair.register.readable = true;
    await pair.run(10_000);
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 4, register: { ok: true } });
    expect(pair.acting()).toBe('home-b');
    expect(pair.kinds().filter((kind) => kind === 'register')).toHaveLength(2);
  });

  it('is quiet about a token that is still on its way, and loud about one that is refused later', async () => {
    const pair = simulatePair([checkedPair()]);
    pair.standby.locked = true;
    pair.start();
    await pair.run(10_000);
    expect(pair.kinds()).not.toContain('error');
    expect(pair.view()).toMatchObject({ cover: 'exposed' });
    pair.standby.locked = false;
    await pair.run(60_000);
    pair.standby.locked = true;
    await pair.run(60_000);
    expect(pair.kinds().filter((kind) => kind === 'error')).toHaveLength(1);
  });

  it.each([
    ['a new pair', null],
    ['a pair that was active there', { ...firstOfA, ctr: 5 }],
  ])(
    'gives the primary of %s its time to start, and does not wait for ever',
    async (_words, record) => {
      const pair = simulatePair([checkedPair()]);
      pair.register.record = record;
      pair.primary.kill();
      pair.start();
      await pair.run(44_000);
      expect(pair.acting()).toBeNull();
      expect(pair.kinds()).toEqual(['warmed']);
      await pair.run(3_000);
      expect(pair.acting()).toBe('home-b');
    },
  );

  it('waits quietly for a primary that takes its time, and lets it act as soon as it can', async () => {
    const pair = simulatePair([checkedPair()]);
    pair.primary.kill();
    pair.start();
    await pair.run(12_000);
    pair.primary.boot();
    await pair.run(2_000);
    expect(pair.acting()).toBe('home-a');
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'protected' });
    expect(pair.kinds().filter((kind) => kind === 'register')).toEqual([]);
  });

  it('replaces a holder that is no longer in the pair by a member that is proved well', async () => {
    const pair = simulatePair([checkedPair()]);
    pair.register.record = { epoch: 4, holder: 'gone', ctr: 4, addr: 'ws://127.0.0.1:1' };
    pair.primary.model = 'fails';
    pair.start();
    await pair.run(5_000);
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 5 });
    expect(pair.acting()).toBe('home-b');
  });
});
