import { describe, expect, it } from 'vitest';

import { defaultPolicyText } from '../default-policy.ts';
import type { CallAnswer } from './crossing.ts';
import { agent, ask, toWork, trusting } from './testing/rig.ts';

const notAvailable: CallAnswer = { status: 'not-available' };

describe('cutting trust', () => {
  it('is on disk first, ends everything and revives nothing', () => {
    const { broker, ticket, approve, write, link, disk, arrived } = trusting();
    broker.grant(toWork, 'tell_work', { calls: 1, bytesEach: 100, forMs: 60_000 });
    const answered = ticket(ask({ text: 'One?' }));
    approve();
    write();
    broker.replied(answered, 'true');
    const sent = ticket(ask({ text: 'Two?' }));
    approve();
    const [pending] = [...link.values()];
    const waiting = ticket(ask({ text: 'Three?' }));
    expect(broker.revoke().ok).toBe(true);
    expect(disk.saved).toEqual({ epoch: 1, edges: [], tainted: [] });
    expect(broker.view()).toMatchObject({ epoch: 1, edges: [], asks: [], grants: [], held: [] });
    expect(link.size).toBe(0);
    expect(pending?.mayLeave('pin:work')).toBe(false); // even for a link that forgot to forget
    broker.allow(toWork);
    expect(pending?.mayLeave('pin:work')).toBe(false);
    broker.replied(sent, 'true');
    for (const id of [answered, sent, waiting])
      expect(broker.result(agent, id)).toEqual(notAvailable);
    expect(broker.view()).toMatchObject({ asks: [], grants: [] });
    write();
    expect(arrived.length).toBe(1);
  });

  it('holds though the disk is full, and is tried again', () => {
    const { broker, disk, clock, log } = trusting();
    disk.isFull = true;
    log.isBroken = true;
    expect(broker.revoke()).toMatchObject({ ok: false, error: { code: 'storage' } });
    expect(broker.call(agent, ask())).toEqual(notAvailable);
    expect(disk.saved.edges).toEqual([toWork]);
    clock.advance(5_000);
    disk.isFull = false;
    clock.advance(1_000);
    expect(disk.saved).toMatchObject({ epoch: 1, edges: [] });
  });

  it('is known from the log where it could not be saved', () => {
    const { broker, disk, open } = trusting();
    disk.isFull = true;
    broker.revoke();
    expect(disk.saved.edges).toEqual([toWork]);
    expect(open().view()).toMatchObject({ epoch: 1, edges: [] });
  });

  it('of one edge leaves the others on, and ends what is under way on all', () => {
    const { broker, ticket, link } = trusting();
    broker.allow({ from: 'personal', to: 'client' });
    broker.grant({ from: 'personal', to: 'client' }, 'ask_work', {
      calls: 2,
      bytesEach: 100,
      forMs: 60_000,
    });
    ticket(ask({ to: 'client', text: 'Ready?', answer: null }));
    expect(link.size).toBe(1);
    broker.revoke(toWork);
    expect(broker.view()).toMatchObject({
      edges: [{ from: 'personal', to: 'client' }],
      grants: [],
    });
    expect(link.size).toBe(0);
    expect(broker.call(agent, ask())).toEqual(notAvailable);
    expect(broker.call(agent, ask({ to: 'client' })).status).toBe('waiting');
  });

  it('refuses edges that may not be', () => {
    const { broker } = trusting();
    for (const edge of [
      { from: 'work', to: 'personal' },
      { from: 'client', to: 'personal' },
      { from: 'work', to: 'work' },
      { from: 'work', to: 'moon' },
    ])
      expect(broker.allow(edge)).toMatchObject({ ok: false, error: { code: 'denied' } });
    expect(broker.allow({ from: 'work', to: 'client' }).ok).toBe(true);
    expect(broker.allow({ from: 'client', to: 'work' }).ok).toBe(false);
    expect(broker.view().edges).toEqual([toWork, { from: 'work', to: 'client' }]);
  });
});

describe('a start', () => {
  it('keeps where trust leads and who is tainted, and nothing that was under way', () => {
    const { broker, ticket, approve, write, open } = trusting();
    broker.grant(toWork, 'tell_work', { calls: 1, bytesEach: 100, forMs: 60_000 });
    const id = ticket(ask());
    approve();
    write();
    broker.replied(id, 'Not in form.');
    const [held] = broker.view().held;
    broker.give(held!.handle, held!.digest);
    ticket(ask({ text: 'Waiting?' }));
    const again = open();
    expect(again.view()).toMatchObject({
      epoch: 0,
      edges: [toWork],
      asks: [],
      grants: [],
      held: [],
      tainted: ['personal'],
    });
    expect(again.result(agent, id)).toEqual(notAvailable);
  });

  it('tells of a crossing that has no end, once', () => {
    const { ticket, approve, open, log } = trusting();
    const id = ticket(ask());
    approve();
    expect(open().view().unfinished).toMatchObject([{ actId: id }]);
    expect(log.entries.at(-1)).toMatchObject({ code: 'crossing.unfinished', actId: id });
    expect(open().view().unfinished).toEqual([]);
  });
});

describe('without a log', () => {
  it('nothing is asked, approved, granted, sent, given or switched on', () => {
    const { broker, ticket, approve, write, log, link, arrived } = trusting();
    const id = ticket(ask());
    log.isBroken = true;
    expect(broker.call(agent, ask({ text: 'Another?' }))).toEqual(notAvailable);
    expect(approve()).toMatchObject({ ok: false, error: { code: 'storage' } });
    expect(broker.grant(toWork, 'ask_work', { calls: 1, bytesEach: 100, forMs: 60_000 }).ok).toBe(
      false,
    );
    expect(broker.allow({ from: 'personal', to: 'client' }).ok).toBe(false);
    expect([link.size, arrived]).toEqual([0, []]);
    log.isBroken = false;
    approve();
    write();
    log.isBroken = true;
    broker.replied(id, 'true');
    expect(broker.result(agent, id)).toEqual(notAvailable);
    expect(log.unfinished()).toMatchObject([{ actId: id }]);
  });
});

describe('the latch, where the policy opens it', () => {
  it('gives free text at once, and every later call asks', () => {
    const { broker, ticket, approve, write } = trusting(
      {},
      `app deliver_reply agent:* - allow\n${defaultPolicyText}`,
    );
    broker.grant(toWork, 'ask_work', { calls: 5, bytesEach: 2_000, forMs: 60_000 });
    const id = ticket(ask({ answer: null }));
    write();
    broker.replied(id, 'Free text.');
    expect(broker.result(agent, id)).toMatchObject({ status: 'answered', text: 'Free text.' });
    expect(broker.view()).toMatchObject({ tainted: ['personal'], grants: [] });
    ticket(ask({ text: 'And now?' }));
    expect(broker.view().asks.length).toBe(1);
    expect(approve().ok).toBe(true);
  });
});
