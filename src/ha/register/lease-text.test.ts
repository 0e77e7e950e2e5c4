import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { leaseText, parseLeaseText, publishedAddress } from './lease-text.ts';

const counter = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

describe('a record as text', () => {
  it('reads as people expect', () => {
    expect(
      leaseText({ epoch: 17, holder: 'home-a', ctr: 4711, addr: 'ws://10.0.0.11:18789' }),
    ).toBe('epoch=17;holder=home-a;ctr=4711;addr=ws://10.0.0.11:18789');
  });

  it('is read back as it was written, whatever the address', () => {
    fc.assert(
      fc.property(
        fc.record({
          epoch: counter,
          holder: fc.stringMatching(/^[a-z0-9-]{1,64}$/u),
          ctr: counter,
          addr: fc.string({ unit: 'grapheme' }),
        }),
        (record) => {
          expect(parseLeaseText(leaseText(record)!)).toEqual(record);
        },
      ),
    );
  });

  it.each([
    { epoch: 0, holder: 'a', ctr: 1, addr: '' },
    { epoch: 1.5, holder: 'a', ctr: 1, addr: '' },
    { epoch: 2 ** 53, holder: 'a', ctr: 1, addr: '' },
    { epoch: 1, holder: '', ctr: 1, addr: '' },
    { epoch: 1, holder: 'a;ctr=9', ctr: 1, addr: '' },
    { epoch: 1, holder: 'a', ctr: -1, addr: '' },
    { epoch: 1, holder: 'a', ctr: 1, addr: '\ud800' },
  ])('is refused when it could not be read back: %j', (record) => {
    expect(leaseText(record)).toBeNull();
  });

  it.each([
    '',
    'epoch=01;holder=a;ctr=1;addr=',
    'epoch=1;holder=a;ctr=1',
    'epoch=1; holder=a; ctr=1; addr=',
    ' epoch=1;holder=a;ctr=1;addr=',
    'epoch=9007199254740993;holder=a;ctr=1;addr=',
  ])('is not guessed at: %j', (text) => {
    expect(parseLeaseText(text)).toBeNull();
  });
});

describe('the address that is published', () => {
  it.each([
    ['ws://10.0.0.11:18789', 1, [10, 0, 0, 11]],
    ['wss://127.0.0.1', 1, [127, 0, 0, 1]],
    ['ws://[::1]:18789', 28, [...Array<number>(15).fill(0), 1]],
    ['ws://[fd00:1::ab:2]:1', 28, [0xfd, 0, 0, 1, ...Array<number>(8).fill(0), 0, 0xab, 0, 2]],
    ['ws://[1:2:3:4:5:6:7:8]', 28, [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['ws://[::ffff:10.0.0.1]', 28, [...Array<number>(10).fill(0), 255, 255, 10, 0, 0, 1]],
  ])('of %s is an address', (url, type, bytes) => {
    expect(publishedAddress(url)).toEqual({ type, data: Uint8Array.from(bytes) });
  });

  it.each(['', 'none', 'ws://gateway.lan:18789', 'ws://10.0.0:1x'])('of %j is none', (url) => {
    expect(publishedAddress(url)).toBeNull();
  });
});
