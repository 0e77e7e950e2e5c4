import { connect, createServer } from 'node:net';
import { once } from 'node:events';

import { expect, onTestFinished, test } from 'vitest';

import { manualClock } from '../base/testing/manual-clock.ts';
import { codeOf } from './pair-code.ts';
import type { Invitation } from './pair-code.ts';
import { offerJoin, takeJoin as takeUntil } from './pair-invite.node.ts';
import type { OfferEnd } from './pair-invite.node.ts';
import type { JoinContent } from './pair-join.ts';

const content: JoinContent = {
  folder: 'switchyard-house',
  files: [
    { name: 'guardian.json', text: '{}' },
    { name: 'secrets/peer', text: 'ä secret' },
  ],
  commands: ['node guardian.js'],
};
const host = '127.0.0.1';

async function offer(given: JoinContent = content) {
  const clock = manualClock();
  const { promise: end, resolve } = Promise.withResolvers<OfferEnd>();
  const made = await offerJoin(given, { host, port: 0 }, { clock, ended: resolve });
  onTestFinished(() => {
    made.close();
  });
  return { ...made, clock, end, at: { host, port: made.port } };
}

const takeJoin = (invitation: Invitation) => takeUntil(invitation, new AbortController().signal);

const wrong = codeOf(new Uint8Array(12));

test('gives what is needed to whoever knows the code, once', async () => {
  const { code, at, end } = await offer();
  expect(await takeJoin({ ...at, code })).toEqual({ ok: true, value: content });
  expect(await end).toBe('taken');
  expect(await takeJoin({ ...at, code })).toMatchObject({
    ok: false,
    error: expect.stringContaining('Nobody offers') as string,
  });
});

test('gives it to one of two who come at once', async () => {
  const { code, at } = await offer();
  const taken = await Promise.all([takeJoin({ ...at, code }), takeJoin({ ...at, code })]);
  expect(taken.filter(({ ok }) => ok)).toHaveLength(1);
});

test('says nothing to whoever does not, and gives up after five guesses', async () => {
  const { code, at, end } = await offer();
  for (let guess = 0; guess < 5; guess += 1)
    expect(await takeJoin({ ...at, code: wrong })).toMatchObject({
      ok: false,
      error: expect.stringContaining('does not know this code') as string,
    });
  expect(await takeJoin({ ...at, code })).toMatchObject({ ok: false });
  expect(await end).toBe('guessed');
});

test('a stranger who only knocks costs no guess', async () => {
  const { code, at } = await offer();
  for (let knock = 0; knock < 8; knock += 1) {
    const socket = connect(at.port, at.host);
    await once(socket, 'connect');
    socket.end('GET / HTTP/1.1\r\n\r\n');
    socket.on('error', () => undefined).resume();
    await once(socket, 'close');
  }
  expect(await takeJoin({ ...at, code })).toMatchObject({ ok: true });
});

test('ends after ten minutes', async () => {
  const { code, at, end, clock } = await offer();
  clock.advance(600_000);
  expect(await end).toBe('expired');
  expect(await takeJoin({ ...at, code })).toMatchObject({ ok: false });
});

test.each(['../authorized_keys', '/etc/passwd', 'secrets/../../x', '.profile', 'a\\b'])(
  'takes no file named %s',
  async (name) => {
    const { code, at } = await offer({ ...content, files: [{ name, text: '' }] });
    expect(await takeJoin({ ...at, code })).toMatchObject({
      ok: false,
      error: expect.stringContaining('not what a Switchyard') as string,
    });
  },
);

test('reads characters that come in two parts', async () => {
  // Three bytes each, in records of 16 KB: some of them are cut.
  const long: JoinContent = { ...content, commands: ['€'.repeat(40_000)] };
  const { code, at } = await offer(long);
  expect(await takeJoin({ ...at, code })).toEqual({ ok: true, value: long });
});

test('is cancelled, and nothing is used up', async () => {
  const { code, at } = await offer();
  const early = new AbortController();
  const cancelled = takeUntil({ ...at, code }, early.signal);
  early.abort();
  expect(await cancelled).toMatchObject({ ok: false });
  // Somebody who says nothing.
  const silent = createServer().listen(0, host);
  onTestFinished(() => {
    silent.close();
  });
  await once(silent, 'listening');
  const { port } = silent.address() as { readonly port: number };
  const late = new AbortController();
  silent.on('connection', (socket) => {
    socket.on('error', () => undefined);
    late.abort();
  });
  expect(await takeUntil({ host, port, code }, late.signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining('cancelled') as string,
  });
  expect(await takeJoin({ ...at, code })).toMatchObject({ ok: true });
});
