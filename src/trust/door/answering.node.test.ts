import { expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { labelOf, unionOf } from '../label.ts';
import { createAnswering } from './answering.ts';
import { createCallers } from './callers.node.ts';
import { createRefusals, type DoorRefusal } from './refusals.ts';
import { fakeDoor } from './testing/fake-door.ts';

function desk() {
  const clock = manualClock();
  const door = fakeDoor();
  const callers = createCallers(clock);
  const told: DoorRefusal[] = [];
  const refusals = createRefusals(clock, (refusal) => told.push(refusal));
  const answering = createAnswering({ door, onChange: door.onChange, clock, callers, refusals });
  const token = callers.admit({ id: 'home', domain: 'personal' });
  return {
    clock,
    door,
    callers,
    told,
    token,
    answer: (given: string, request: string, gone = new AbortController()) =>
      answering('socket', given, request, gone.signal),
  };
}

function asking(answer: unknown): string {
  return JSON.stringify({
    call: { action: 'ask_work', to: 'work', text: 'Free?', purpose: '', answer },
  });
}

it('calls the broker for the gateway whose token it is, with the domain that the gateway has', async () => {
  const { answer, token, door } = desk();
  door.answer = { status: 'answered', value: true, label: unionOf([]) };
  expect(await answer(token, asking({ type: 'yes-no' }))).toEqual({
    status: 'answered',
    value: true,
  });
  expect(door.calls).toEqual([
    {
      caller: { id: 'home', domain: 'personal' },
      call: {
        action: 'ask_work',
        to: 'work',
        text: 'Free?',
        purpose: '',
        answer: { type: 'yes-no' },
      },
    },
  ]);
});

it('says who wrote what is more than a choice', async () => {
  const { answer, token, door } = desk();
  door.answer = { status: 'answered', value: 'Ada', label: labelOf('work') };
  const given = await answer(token, asking({ type: 'text', length: 9, of: 'letters' }));
  expect(given).toEqual({ status: 'answered', value: 'Ada', written_by: ['work'] });
});

it('gives of free text a handle and its length', async () => {
  const { answer, token, door } = desk();
  door.answer = { status: 'answered', handle: 'h1', characters: 812 };
  expect(await answer(token, asking(null))).toEqual({
    status: 'answered',
    handle: 'h1',
    characters: 812,
  });
});

it.each([
  ['a wrong token', 'x'.repeat(43), asking(null), 'token'],
  ['no token', '', asking(null), 'token'],
  ['no request', null, 'hello', 'request'],
  ['an unknown action', null, asking(null).replace('ask_work', 'read_work'), 'request'],
  ['a field more', null, asking(null).replace('{"action"', '{"epoch":1,"action"'), 'request'],
])('calls nobody with %s, says that it is not available, and tells the log', async (...row) => {
  const [, token, request, why] = row;
  const it = desk();
  it.door.answer = { status: 'answered', handle: 'h1', characters: 1 };
  expect(await it.answer(token ?? it.token, request)).toEqual({ status: 'not-available' });
  expect(it.door.calls).toEqual([]);
  expect(it.told).toEqual([{ way: 'socket', why, count: 1 }]);
});

it('tells a known caller what is wrong with the form', async () => {
  const { answer, token, door } = desk();
  const given = await answer(token, asking({ type: 'poem' }));
  expect(given).toMatchObject({ status: 'invalid' });
  expect(door.calls).toEqual([]);
});

it('waits for the answer', async () => {
  const { answer, token, door } = desk();
  door.answer = { status: 'waiting', ticket: 't1' };
  const given = answer(token, asking(null));
  door.change({ status: 'waiting', ticket: 't1' });
  door.change({ status: 'delivered' });
  expect(await given).toEqual({ status: 'delivered' });
});

it.each([
  ['a call', asking(null)],
  ['a ticket', '{"ticket":"t1"}'],
])('gives the ticket of %s when 45 s have passed', async (_what, request) => {
  const { answer, token, door, clock } = desk();
  door.answer = { status: 'waiting', ticket: 't1' };
  const given = answer(token, request);
  let isThere = false;
  void given.then(() => (isThere = true));
  clock.advance(44_999);
  await Promise.resolve();
  expect(isThere).toBe(false);
  clock.advance(1);
  expect(await given).toEqual({ status: 'waiting', ticket: 't1' });
});

it('has nothing for a caller that was dismissed while it waited', async () => {
  const { answer, token, door, callers } = desk();
  door.answer = { status: 'waiting', ticket: 't1' };
  const given = answer(token, asking(null));
  callers.dismiss('home');
  door.change({ status: 'answered', handle: 'h1', characters: 1 });
  expect(await given).toEqual({ status: 'not-available' });
});

it('admits a client again with another token only', async () => {
  const { answer, token, door, callers } = desk();
  const next = callers.admit({ id: 'home', domain: 'personal' });
  await answer(token, asking(null));
  expect(door.calls).toHaveLength(0);
  await answer(next, asking(null));
  expect(door.calls).toHaveLength(1);
});

it('lets nobody in for a minute after ten wrong tokens, and then again', async () => {
  const { answer, token, door, clock, told } = desk();
  for (let count = 0; count < 10; count += 1) await answer('wrong', asking(null));
  await answer(token, asking(null));
  clock.advance(59_999);
  await answer(token, asking(null));
  expect(door.calls).toHaveLength(0);
  clock.advance(1);
  await answer(token, asking(null));
  expect(door.calls).toHaveLength(1);
  clock.advance(60_000);
  const count = (why: string): number =>
    told.filter((one) => one.why === why).reduce((sum, one) => sum + one.count, 0);
  expect([count('token'), count('locked')]).toEqual([10, 2]);
});

it('does not lock for nine', async () => {
  const { answer, token, door } = desk();
  for (let count = 0; count < 9; count += 1) await answer('wrong', asking(null));
  await answer(token, asking(null));
  expect(door.calls).toHaveLength(1);
});

it('tells a flood of refusals as two, with their number', () => {
  const clock = manualClock();
  const told: DoorRefusal[] = [];
  const refusals = createRefusals(clock, (refusal) => told.push(refusal));
  for (let count = 0; count < 1_000; count += 1) refusals.add('http', 'origin');
  refusals.add('http', 'host');
  clock.advance(60_000);
  refusals.add('http', 'origin');
  refusals.add('http', 'origin');
  refusals.flush();
  expect(told).toEqual([
    { way: 'http', why: 'origin', count: 1 },
    { way: 'http', why: 'host', count: 1 },
    { way: 'http', why: 'origin', count: 999 },
    { way: 'http', why: 'origin', count: 1 },
    { way: 'http', why: 'origin', count: 1 },
  ]);
});
