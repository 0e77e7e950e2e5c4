import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { OutboxItem, RouteDecision } from '../../shared/index.ts';
import type { AppDatabase } from '../ports.ts';

/** A message on its way, for tests. */
export function outboxItem(id: string, change: Partial<OutboxItem> = {}): OutboxItem {
  return {
    id,
    paneId: 'home',
    domain: 'personal',
    sessionKey: 'agent:main:main',
    text: `text of ${id} \u2028 ‘𝕏’`,
    because: { code: 'rule', rule: 'Projects', number: 3, matched: 'ATLAS', condition: 'contains' },
    state: 'queued',
    gatewayId: null,
    createdAtMs: 1_000,
    updatedAtMs: 1_000,
    problem: null,
    ...change,
  };
}

const decision: RouteDecision = {
  action: 'send',
  domain: 'work',
  paneId: 'acme',
  confidence: 1,
  pWork: 1,
  via: 'override',
  because: { code: 'named', name: 'acme' },
  text: 'hello',
};

/** What every implementation of the stores must do. `open` gives an empty one. */
export function describeStores(name: string, open: () => AppDatabase): void {
  describe(`stores: ${name}`, () => {
    let database: AppDatabase;
    beforeEach(() => {
      database = open();
    });
    afterEach(() => {
      database.close();
    });

    it('gives back an outbox item as it was put in', () => {
      const item = outboxItem('a', { gatewayId: 'g', problem: 'why', state: 'interrupted' });
      expect(database.outbox.insert(item).ok).toBe(true);
      expect(database.outbox.get('a')).toEqual(item);
      expect(database.outbox.get('b')).toBeNull();
    });

    it('refuses a second message with the same key and keeps the first', () => {
      database.outbox.insert(outboxItem('a'));
      expect(database.outbox.insert(outboxItem('a', { text: 'other' }))).toMatchObject({
        ok: false,
        error: { code: 'bad-input' },
      });
      expect(database.outbox.get('a')).toEqual(outboxItem('a'));
    });

    it('changes the state and nothing about the destination', () => {
      database.outbox.insert(outboxItem('a'));
      const updated = database.outbox.update('a', {
        state: 'sending',
        gatewayId: 'g1',
        updatedAtMs: 2_000,
      });
      expect(updated).toEqual({
        ok: true,
        value: outboxItem('a', { state: 'sending', gatewayId: 'g1', updatedAtMs: 2_000 }),
      });
      expect(database.outbox.update('a', { problem: 'lost', updatedAtMs: 3_000 }).ok).toBe(true);
      expect(database.outbox.get('a')).toEqual(
        outboxItem('a', { state: 'sending', gatewayId: 'g1', problem: 'lost', updatedAtMs: 3_000 }),
      );
      expect(database.outbox.update('none', { updatedAtMs: 1 })).toMatchObject({
        ok: false,
        error: { code: 'not-found' },
      });
    });

    it('lists what is open, oldest first, whatever the times say', () => {
      for (const [id, createdAtMs] of [
        ['a', 3],
        ['b', 2],
        ['c', 1],
      ] as const)
        database.outbox.insert(outboxItem(id, { createdAtMs }));
      database.outbox.update('b', { state: 'answered', updatedAtMs: 5 });
      expect(database.outbox.listOpen().map((item) => item.id)).toEqual(['a', 'c']);
      database.outbox.update('a', { state: 'failed', updatedAtMs: 5 });
      expect(database.outbox.listOpen().map((item) => item.id)).toEqual(['a', 'c']);
    });

    it('removes what a person discards', () => {
      database.outbox.insert(outboxItem('a'));
      expect(database.outbox.remove('a').ok).toBe(true);
      expect(database.outbox.get('a')).toBeNull();
      expect(database.outbox.remove('a')).toMatchObject({
        ok: false,
        error: { code: 'not-found' },
      });
    });

    it('prunes only what is answered and old', () => {
      database.outbox.insert(outboxItem('old', { state: 'answered', updatedAtMs: 10 }));
      database.outbox.insert(outboxItem('new', { state: 'answered', updatedAtMs: 100 }));
      database.outbox.insert(outboxItem('uncertain', { state: 'uncertain', updatedAtMs: 10 }));
      expect(database.outbox.pruneAnswered(100)).toEqual({ ok: true, value: 1 });
      expect(['old', 'new', 'uncertain'].map((id) => database.outbox.get(id)?.id)).toEqual([
        undefined,
        'new',
        'uncertain',
      ]);
    });

    it('prunes the old routes whose message is gone, and no others', () => {
      database.outbox.insert(outboxItem('answered', { state: 'answered', updatedAtMs: 10 }));
      database.outbox.insert(outboxItem('open', { updatedAtMs: 10 }));
      database.outbox.insert(outboxItem('discarded'));
      for (const messageId of ['answered', 'open', 'discarded'])
        database.routes.record({ messageId, atMs: 10, decision });
      database.routes.record({ messageId: 'recent', atMs: 100, decision });
      database.outbox.remove('discarded');
      expect(database.outbox.pruneAnswered(100)).toEqual({ ok: true, value: 1 });
      expect(
        ['answered', 'open', 'discarded', 'recent'].filter(
          (messageId) => database.routes.get(messageId) !== null,
        ),
      ).toEqual(['open', 'recent']);
    });

    it('keeps one draft', () => {
      expect(database.drafts.load()).toEqual({ text: '', binding: null, labels: [] });
      database.drafts.save({ text: 'one', binding: 'home', labels: ['personal'] });
      database.drafts.save({ text: '@work two', binding: null, labels: [] });
      expect(database.drafts.load()).toEqual({ text: '@work two', binding: null, labels: [] });
    });

    it('keeps the first route of a message, without its text', () => {
      database.routes.record({ messageId: 'a', atMs: 1, decision });
      database.routes.record({
        messageId: 'a',
        atMs: 9,
        decision: { ...decision, domain: 'personal' },
      });
      expect(database.routes.get('a')).toEqual({
        messageId: 'a',
        atMs: 1,
        decision: { ...decision, text: '' },
      });
      expect(database.routes.get('none')).toBeNull();
    });

    it('keeps the session of each pane', () => {
      expect(database.sessions.get('home')).toBeNull();
      database.sessions.set('home', 'agent:main:one');
      database.sessions.set('home', 'agent:main:two');
      expect(database.sessions.get('home')).toBe('agent:main:two');
    });

    it('keeps the first role change of each epoch, and gives back the newest fifty in order', () => {
      expect(database.roleChanges.list('home')).toEqual([]);
      const change = { epoch: 2, atMs: 20, gatewayId: 'b', complete: false };
      database.roleChanges.record('home', change);
      database.roleChanges.record('home', { ...change, atMs: 99, gatewayId: 'a', complete: true });
      expect(database.roleChanges.list('home')).toEqual([change]);
      expect(database.roleChanges.list('other')).toEqual([]);
      for (let epoch = 60; epoch > 2; epoch -= 1)
        database.roleChanges.record('home', { epoch, atMs: epoch, gatewayId: 'a', complete: true });
      const epochs = database.roleChanges.list('home').map(({ epoch }) => epoch);
      expect([epochs.length, epochs[0], epochs.at(-1)]).toEqual([50, 11, 60]);
    });
  });
}
