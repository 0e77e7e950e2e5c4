import { describe, expect, it } from 'vitest';

import { defaultSettings } from '../store/index.ts';
import { defaultPolicyText } from './default-policy.ts';
import { parsePolicy } from './policy.ts';
import { createApprovals } from './approvals.ts';
import { createSendGuard, decideSend, sendDigest, sendEpoch } from './send.ts';
import { memoryDecisionLog } from './testing/memory-decision-log.ts';

const policy = parsePolicy(defaultPolicyText);
const { domains } = defaultSettings;

describe('decideSend', () => {
  it('refuses personal text to work, in the words of a reason', () => {
    expect(
      decideSend({ policy, domains, labels: ['personal'], targetDomain: 'work' }),
    ).toMatchObject({
      effect: 'ask',
      because: { code: 'trust', source: 'Personal', target: 'Work' },
    });
  });

  it('lets fresh text go anywhere and work text into personal', () => {
    expect(decideSend({ policy, domains, labels: [], targetDomain: 'work' })).toMatchObject({
      effect: 'allow',
      because: null,
    });
    expect(
      decideSend({ policy, domains, labels: ['work'], targetDomain: 'personal' }),
    ).toMatchObject({ effect: 'allow', because: null });
  });

  it('refuses everything under a policy that does not parse', () => {
    expect(
      decideSend({ policy: parsePolicy('nonsense'), domains, labels: [], targetDomain: 'personal' })
        .effect,
    ).toBe('deny');
  });
});

describe('send guard', () => {
  const guarded = () => {
    const log = memoryDecisionLog();
    return {
      log,
      guard: createSendGuard({
        policy,
        log,
        digest: (text) => `digest(${text.length})`,
        wallMs: () => 7,
      }),
    };
  };

  it('writes an allowed send down, without its text', () => {
    const { log, guard } = guarded();
    expect(
      guard.check({ id: 'm1', text: 'hello ATLAS', domains, labels: [], targetDomain: 'work' }).ok,
    ).toBe(true);
    expect(log.decisions).toEqual([
      {
        atMs: 7,
        principal: 'user',
        action: 'send',
        resource: 'session:work',
        effect: 'allow',
        rule: expect.stringContaining('user send session:* - allow') as string,
        count: 1,
        detail: 'message m1, 11 characters',
      },
    ]);
    expect(JSON.stringify(log.decisions)).not.toContain('ATLAS');
  });

  it('writes a refused send down and refuses it', () => {
    const { log, guard } = guarded();
    expect(
      guard.check({
        id: 'm1',
        text: 'gate code',
        domains,
        labels: ['personal'],
        targetDomain: 'work',
      }),
    ).toMatchObject({ ok: false, error: { code: 'denied' } });
    expect(log.decisions).toMatchObject([
      { effect: 'deny', detail: expect.stringContaining('carries personal') as string },
    ]);
  });

  it('sends a text of another domain once, after a person has confirmed exactly this text', () => {
    const log = memoryDecisionLog();
    const approvals = createApprovals();
    let nowMs = 0;
    const digest = (text: string) => `digest of ${text}`;
    const guard = createSendGuard({
      policy,
      log,
      digest,
      wallMs: () => 7,
      confirmations: { approvals, bootMs: () => nowMs },
    });
    const send = (text: string, targetDomain = 'work') =>
      guard.check({ id: 'm1', text, domains, labels: ['personal'], targetDomain }).ok;
    expect(send('gate code 4711')).toBe(false);
    approvals.give(sendDigest(digest, 'gate code 4711', 'work'), sendEpoch, nowMs);
    expect(send('gate code 4712')).toBe(false);
    expect(send('gate code 4711')).toBe(true);
    expect(send('gate code 4711')).toBe(false);
    approvals.give(sendDigest(digest, 'gate code 4711', 'work'), sendEpoch, nowMs);
    nowMs = 120_000;
    expect(send('gate code 4711')).toBe(false);
  });

  it('lets nothing through when the log cannot be written', () => {
    const { log, guard } = guarded();
    log.full = true;
    expect(
      guard.check({ id: 'm1', text: 'hello', domains, labels: [], targetDomain: 'personal' }),
    ).toMatchObject({ ok: false, error: { code: 'storage' } });
  });
});
