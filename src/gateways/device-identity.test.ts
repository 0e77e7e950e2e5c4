import { createHash, createPublicKey, verify } from 'node:crypto';

import { expect, test } from 'vitest';

import { createDeviceIdentity, rawPublicKey, signText } from './device-identity.node.ts';
import { memoryVault } from './testing/memory-vault.ts';

test('the key is made once and kept, also when two ask at once', async () => {
  const vault = memoryVault();
  const identity = createDeviceIdentity(vault, 'home');
  const [first, second] = await Promise.all([identity.key(), identity.key()]);
  expect(second).toEqual(first);
  expect(await createDeviceIdentity(vault, 'home').key()).toEqual(first);
});

test('two gateways get two keys', async () => {
  const vault = memoryVault();
  const home = await createDeviceIdentity(vault, 'home').key();
  const acme = await createDeviceIdentity(vault, 'acme').key();
  expect(acme.deviceId).not.toBe(home.deviceId);
});

test('two addresses of one gateway get two keys, and neither sees the tokens of the other', async () => {
  const vault = memoryVault();
  const one = createDeviceIdentity(vault, 'lab', 'wss://one.example/path');
  const two = createDeviceIdentity(vault, 'lab', 'wss://two.example');
  expect((await one.key()).deviceId).not.toBe((await two.key()).deviceId);
  await one.tokens.store('operator', { token: 'issued', scopes: [] });
  expect(await two.tokens.load('operator')).toBe(null);
  const otherPort = createDeviceIdentity(vault, 'lab', 'wss://one.example:8443');
  expect(await otherPort.tokens.load('operator')).toBe(null);
  const spelledOtherwise = createDeviceIdentity(vault, 'lab', 'WSS://ONE.example:443');
  expect(await spelledOtherwise.tokens.load('operator')).toMatchObject({ token: 'issued' });
});

test('the id is the fingerprint of the raw public key, and signatures hold', async () => {
  const key = await createDeviceIdentity(memoryVault(), 'home').key();
  const raw = rawPublicKey(key.publicKeyPem);
  expect(raw).toHaveLength(32);
  expect(key.deviceId).toBe(createHash('sha256').update(raw).digest('hex'));
  const signature = Buffer.from(signText(key.privateKeyPem, 'challenge'), 'base64url');
  expect(verify(null, Buffer.from('challenge'), createPublicKey(key.publicKeyPem), signature)).toBe(
    true,
  );
});

test('a damaged entry is replaced', async () => {
  const vault = memoryVault();
  vault.entries.set('device-key:home', '{"publicKeyPem":"x","privateKeyPem":"y"}');
  vault.entries.set('device-token:home:operator', 'not JSON');
  const identity = createDeviceIdentity(vault, 'home');
  expect((await identity.key()).publicKeyPem).toContain('PUBLIC KEY');
  expect(await identity.tokens.load('operator')).toBe(null);
});

test('a device token comes back until it is cleared', async () => {
  const { tokens } = createDeviceIdentity(memoryVault(), 'home');
  const token = { token: 'issued', scopes: ['operator.read'] };
  await tokens.store('operator', token);
  expect(await tokens.load('operator')).toEqual(token);
  expect(await tokens.load('node')).toBe(null);
  await tokens.clear('operator');
  expect(await tokens.load('operator')).toBe(null);
});
