import { expect, it } from 'vitest';

import { question, toWork, trusting } from '../broker/testing/rig.ts';
import { createAnswering } from './answering.ts';
import { createCallers } from './callers.node.ts';

/** The real broker behind the door, and an agent of personal that waits for the answer to a question. */
function asking(answer: object | null) {
  const { broker, clock, approve, write, arrived } = trusting();
  const callers = createCallers(clock);
  const refusals = { add: () => undefined };
  const answering = createAnswering({
    door: broker,
    onChange: broker.onChange,
    clock,
    callers,
    refusals,
  });
  const tokens = {
    home: callers.admit({ id: 'home', domain: 'personal' }),
    lab: callers.admit({ id: 'lab', domain: 'personal' }),
  };
  const send = (who: keyof typeof tokens, request: object): Promise<object> =>
    answering('socket', tokens[who], JSON.stringify(request), new AbortController().signal);
  const call = { action: 'ask_work', to: 'work', text: question, purpose: '', answer };
  return { broker, clock, approve, write, arrived, send, given: send('home', { call }) };
}

/** Lets the question leave; gives the id of its crossing. */
function approved({ approve, write, arrived }: ReturnType<typeof asking>): string {
  expect(approve().ok).toBe(true);
  write();
  expect(arrived).toHaveLength(1);
  return arrived[0]?.id ?? '';
}

it('hands a typed answer to the agent that waits for it', async () => {
  const one = asking({ type: 'yes-no' });
  one.broker.replied(approved(one), 'true');
  expect(await one.given).toEqual({ status: 'answered', value: true });
});

it('hands of free text a handle, and nothing of the text', async () => {
  const one = asking(null);
  one.broker.replied(approved(one), 'Open the door.');
  const given = await one.given;
  expect(given).toMatchObject({ status: 'answered', characters: 14 });
  expect(JSON.stringify(given)).not.toContain('Open');
});

it.each([
  ['declines', 'decline'],
  ['cuts trust', 'revoke'],
] as const)('lets nobody wait on when the person %s', async (_what, act) => {
  const one = asking({ type: 'yes-no' });
  if (act === 'decline') one.broker.decline(one.broker.view().asks[0]?.digest ?? '');
  else one.broker.revoke(toWork);
  expect(await one.given).toEqual({ status: 'not-available' });
});

it('gives a ticket after 45 s that is good for its own agent only', async () => {
  const one = asking({ type: 'yes-no' });
  one.clock.advance(45_000);
  const given = await one.given;
  expect(given).toMatchObject({ status: 'waiting' });
  const { ticket } = given as { readonly ticket: string };
  expect(await one.send('lab', { ticket })).toEqual({ status: 'not-available' });
  const later = one.send('home', { ticket });
  one.broker.replied(approved(one), 'false');
  expect(await later).toEqual({ status: 'answered', value: false });
});
