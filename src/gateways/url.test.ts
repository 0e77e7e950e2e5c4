import { expect, test } from 'vitest';

import { checkGatewayUrl, gatewayOrigin } from './url.ts';

test.each([
  'ws://127.0.0.1:18789',
  'ws://localhost:18789/',
  'ws://[::1]:18789',
  'ws://127.1:18789', // the parser makes this 127.0.0.1
  'wss://gateway.example',
  'wss://gateway.example/path',
])('accepts %s', (url) => {
  expect(checkGatewayUrl(url).ok).toBe(true);
});

test.each([
  ['not an address', 'not a web address'],
  ['http://127.0.0.1:18789', 'begins with http:'],
  ['ws://10.0.0.5:18789', 'unencrypted'],
  ['ws://127.0.0.1.evil.example', 'unencrypted'],
  ['ws://localhost.evil.example', 'unencrypted'],
  ['ws://gateway.local', 'unencrypted'],
  ['wss://user:pass@gateway.example', 'user name or password'],
  ['wss://gateway.example/?token=abc', 'after ? or #'],
  ['wss://gateway.example/#token=abc', 'after ? or #'],
])('refuses %s', (url, words) => {
  const result = checkGatewayUrl(url);
  expect(result.ok ? 'accepted' : result.error).toContain(words);
});

test('an origin is scheme, host and port in one spelling, and nothing of an address that is not dialled', () => {
  expect(gatewayOrigin('WSS://Gateway.Example:443/path')).toBe('wss://gateway.example');
  expect(gatewayOrigin('wss://gateway.example:8443')).toBe('wss://gateway.example:8443');
  expect(gatewayOrigin('ws://127.1:18789')).toBe('ws://127.0.0.1:18789');
  expect(gatewayOrigin('wss://user:hunter2@gateway.example')).toBe(null);
});

test('a refusal never repeats a credential', () => {
  const result = checkGatewayUrl('wss://user:hunter2@gateway.example');
  expect(JSON.stringify(result)).not.toContain('hunter2');
});
