import { expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { PeerMessage } from '../election/model.ts';
import { openLateLink } from './late-link.ts';
import type { PeerLink } from './model.ts';

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

it('opens as soon as its secret is there, says so until then, and carries messages from then on', async () => {
  const clock = manualClock();
  let secret: string | null = null;
  const opened: string[] = [];
  const sent: PeerMessage[] = [];
  let hear = (_message: PeerMessage): void => undefined;
  const real: PeerLink = {
    send: (message) => sent.push(message),
    onMessage: (listener) => {
      hear = listener;
      return () => undefined;
    },
    detail: () => '',
    state: () => ({
      kind: 'up',
      lastHeardMs: 1,
      dropped: { malformed: 0, forged: 0, replayed: 0, 'other-session': 0, 'not-understood': 0 },
    }),
    close: () => opened.push('closed'),
  };
  const link = openLateLink({
    secret: async () => secret,
    open: (known) => {
      opened.push(known);
      return real;
    },
    missing: 'the secret has not come yet',
    clock,
  });
  const heard: PeerMessage[] = [];
  link.onMessage((message) => heard.push(message));
  await settled();
  link.send({ kind: 'preempt' });
  expect(link.detail()).toBe('the secret has not come yet');
  expect(link.state()).toMatchObject({ kind: 'down', lastHeardMs: null });
  expect(sent).toEqual([]);

  secret = 'known';
  clock.advance(500);
  await settled();
  expect(opened).toEqual(['known']);
  link.send({ kind: 'preempt' });
  hear({ kind: 'preempt' });
  expect(sent).toEqual([{ kind: 'preempt' }]);
  expect(heard).toEqual([{ kind: 'preempt' }]);
  expect(link.detail()).toBe('');
  expect(link.state().kind).toBe('up');
  link.close();
  expect(opened).toEqual(['known', 'closed']);
});

it('does not open once it was closed', async () => {
  const clock = manualClock();
  const opened: string[] = [];
  const link = openLateLink({
    secret: async () => 'known',
    open: (secret) => {
      opened.push(secret);
      throw new Error('opened after all');
    },
    missing: '',
    clock,
  });
  link.close();
  await settled();
  clock.advance(10_000);
  expect(opened).toEqual([]);
});
