import { describe, expect, test } from 'vitest';

import { peerPin } from './peer-pin.ts';

const pin = (url: string, tlsFingerprint: string | null = null) => peerPin({ url, tlsFingerprint });

describe('the name of a peer’s key', () => {
  test('is its certificate where there is a pin, however it is written', () => {
    expect(pin('wss://a.example', 'AB:CD')).toBe('tls:abcd');
    expect(pin('wss://b.example', 'abcd')).toBe('tls:abcd');
  });

  test('is its origin elsewhere', () => {
    expect(pin('wss://a.example/')).toBe('origin:wss://a.example:443');
    expect(pin('wss://a.example:443')).toBe(pin('wss://A.example'));
    expect(pin('wss://a.example:8443')).not.toBe(pin('wss://a.example'));
  });

  test('is one for all spellings of this machine', () => {
    const pins = ['localhost', '127.0.0.1', '127.9.9.9', '[::1]'].map((host) =>
      pin(`ws://${host}:18789`),
    );
    expect(new Set(pins)).toEqual(new Set(['origin:ws://loopback:18789']));
    expect(pin('ws://127.evil.example:18789')).toBeNull();
  });
});
