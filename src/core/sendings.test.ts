import { describe, expect, test } from 'vitest';

import { createLogger, ok } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import type { NewMessage } from '../chat/index.ts';
import { decideRoute } from '../routing/index.ts';
import { createTranslator } from '../shared/index.ts';
import type { Draft, OutboxItem } from '../shared/index.ts';
import { createLabelMemory, defaultPolicyText, parsePolicy } from '../trust/index.ts';
import { memoryAuditLog } from '../trust/testing/memory-audit-log.ts';
import { createSendGate } from './send-gate.ts';
import { createSendings } from './sendings.ts';

const domains = [
  { id: 'personal', name: 'Personal', colour: 'teal' },
  { id: 'work', name: 'Work', colour: 'indigo' },
] as const;
const pane = (id: string, domain: string) => ({
  id,
  name: id,
  domain,
  memberIds: [id],
  activeGatewayId: id,
  pairId: null,
  sessionKey: `session of ${id}`,
  running: false,
});
const panes = [pane('home', 'personal'), pane('acme', 'work')];
const secret = 'the key of the garden shed lies under the third flower pot';

/** Everything between the composer and the outbox. */
function rig(policyText = defaultPolicyText) {
  const clock = manualClock();
  const policy = parsePolicy(policyText);
  const labels = createLabelMemory();
  labels.remember('personal', secret);
  const written = memoryAuditLog();
  const decisions: string[] = [];
  const gate = createSendGate({
    policy,
    labels,
    clock,
    log: {
      append: written.append,
      epoch: written.epoch,
      recent: () => [],
      record: ({ effect, rule }) => {
        decisions.push(`${effect} ${rule}`);
        return ok(null);
      },
    },
    digest: (text) => `#${text}`,
    domains: () => domains,
  });
  const sent: NewMessage[] = [];
  const route = (draft: Draft, carried: readonly string[]) =>
    decideRoute({
      text: draft.text,
      binding: draft.binding,
      context: { pane: 'home' },
      panes,
      domains,
      rules: [],
      labels: carried,
      policy,
    });
  const sendings = createSendings({
    gate,
    preview: (draft) => route(draft, labels.labelsOf(draft.text)),
    openRoute: (draft) => route(draft, []),
    findPane: (id) => panes.find((one) => one.id === id),
    outbox: {
      add: (message) => {
        sent.push(message);
        return ok({ id: 'm1' } as OutboxItem);
      },
    },
    database: {
      routes: { record: () => ok(null), get: () => null },
      drafts: { load: () => ({ text: '', binding: null, labels: [] }), save: () => ok(null) },
    },
    clock,
    logger: createLogger('test', () => 0, []),
    t: createTranslator('en'),
  });
  const permit = (text: string, domain = 'work') => gate.permit({ id: 'm1', text, domain });
  return { ...sendings, gate, clock, sent, permit, decisions, log: written };
}

const quoting: Draft = { text: `By the way: ${secret}.`, binding: 'acme' };

describe('a message that carries text of another domain', () => {
  test('is not sent, and its confirmation shows exactly which part is of where', () => {
    const { send, confirmation, sent, permit } = rig();
    expect(send(quoting, 'acme')).toMatchObject({ ok: false, error: { code: 'route-undecided' } });
    expect(confirmation(quoting)).toMatchObject({
      paneId: 'acme',
      domain: 'work',
      text: quoting.text,
      spans: [{ start: 12, end: quoting.text.length, domain: 'personal' }],
    });
    expect(permit(quoting.text).ok).toBe(false);
    expect(sent).toEqual([]);
  });

  test('leaves once after it was confirmed, and that is written down before', () => {
    const { confirmation, confirm, sent, permit, log, decisions } = rig();
    const shown = confirmation(quoting);
    expect(confirm(quoting, { paneId: 'acme', digest: shown?.digest ?? '' })).toEqual(
      ok({ id: 'm1' }),
    );
    expect(sent).toMatchObject([{ paneId: 'acme', domain: 'work', text: quoting.text }]);
    expect(log.entries).toMatchObject([{ code: 'approval.given', action: 'send', to: 'work' }]);
    expect(permit(quoting.text).ok).toBe(true);
    expect(permit(quoting.text).ok).toBe(false);
    expect(decisions.map((line) => line.split(' ')[0])).toEqual(['allow', 'deny']);
  });

  test('needs another confirmation after any change of it, or of where it goes', () => {
    const { confirmation, confirm, permit, sent } = rig();
    const digest = confirmation(quoting)?.digest ?? '';
    const changed = { ...quoting, text: `${quoting.text} And so on.` };
    expect(confirm(changed, { paneId: 'acme', digest }).ok).toBe(false);
    expect(confirm({ ...quoting, binding: 'home' }, { paneId: 'home', digest }).ok).toBe(false);
    expect(confirm(quoting, { paneId: 'home', digest }).ok).toBe(false);
    expect(sent).toEqual([]);
    expect(confirm(quoting, { paneId: 'acme', digest }).ok).toBe(true);
    expect(permit(changed.text).ok).toBe(false);
  });

  test('needs another one after two minutes, and after trust was cut', () => {
    const late = rig();
    late.confirm(quoting, { paneId: 'acme', digest: late.confirmation(quoting)?.digest ?? '' });
    late.clock.advance(120_000);
    expect(late.permit(quoting.text).ok).toBe(false);

    const cut = rig();
    cut.confirm(quoting, { paneId: 'acme', digest: cut.confirmation(quoting)?.digest ?? '' });
    cut.gate.clear();
    expect(cut.permit(quoting.text).ok).toBe(false);
  });

  test('is not sent when that cannot be written down', () => {
    const { confirmation, confirm, sent, permit, log } = rig();
    const digest = confirmation(quoting)?.digest ?? '';
    log.isBroken = true;
    expect(confirm(quoting, { paneId: 'acme', digest }).ok).toBe(false);
    expect(sent).toEqual([]);
    expect(permit(quoting.text).ok).toBe(false);
  });

  test('cannot be confirmed where the policy denies it, nor where nothing is foreign', () => {
    const denies = defaultPolicyText.replace('carries-foreign  ask', 'carries-foreign  deny');
    expect(rig(denies).confirmation(quoting)).toBeNull();
    expect(rig().confirmation({ text: 'hello', binding: 'acme' })).toBeNull();
    expect(rig().confirmation({ ...quoting, binding: 'home' })).toBeNull();
    expect(rig().confirmation({ ...quoting, binding: null })).toBeNull();
  });
});
