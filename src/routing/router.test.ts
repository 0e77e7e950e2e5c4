import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  becauseText,
  createTranslator,
  type RoutingRule,
  type RuleCondition,
} from '../shared/index.ts';
import { defaultSettings } from '../store/index.ts';
import { anyText } from '../store/testing/any-text.ts';
import { defaultPolicyText, parsePolicy } from '../trust/index.ts';
import type { RouteQuestion } from './model.ts';
import { decideRoute } from './router.ts';

const t = createTranslator('en');

function rule(id: string, when: RuleCondition, then: string, enabled = true): RoutingRule {
  return { id, name: `Rule ${id}`, enabled, when, then };
}
const contains = (text: string): RuleCondition => ({ kind: 'contains', text });
const regex = (pattern: string): RuleCondition => ({ kind: 'regex', pattern });

const base: RouteQuestion = {
  text: '',
  binding: null,
  context: { pane: null },
  panes: [
    { id: 'house', name: 'House', domain: 'personal' },
    { id: 'acme', name: 'Acme Cloud', domain: 'work' },
    { id: 'lab', name: 'Lab', domain: 'work' },
  ],
  domains: defaultSettings.domains,
  rules: [],
  labels: [],
  policy: parsePolicy(defaultPolicyText),
};
const ask = (change: Partial<RouteQuestion>) => decideRoute({ ...base, ...change });

describe('decideRoute: who decides', () => {
  it('a name at the start, which is not part of the message', () => {
    expect(ask({ text: '@work, the budget' })).toEqual({
      action: 'send',
      domain: 'work',
      paneId: 'acme',
      confidence: 1,
      pWork: 1,
      via: 'override',
      because: { code: 'named', name: 'work' },
      text: 'the budget',
    });
    expect(ask({ text: '@PERSONAL hi' })).toMatchObject({ paneId: 'house', pWork: 0, text: 'hi' });
    expect(ask({ text: '@acme-cloud hi' })).toMatchObject({ paneId: 'acme' });
    expect(ask({ text: '@Lab hi' })).toMatchObject({ paneId: 'lab' });
  });

  it('the name before the binding, the binding before the rules, the first rule before the second', () => {
    const rules = [
      rule('1', contains('budget'), 'work'),
      rule('2', contains('budget'), 'personal'),
    ];
    expect(ask({ text: '@lab budget', binding: 'house', rules })).toMatchObject({
      paneId: 'lab',
      because: { code: 'named' },
    });
    expect(ask({ text: 'budget', binding: 'house', rules })).toMatchObject({
      paneId: 'house',
      because: { code: 'bound', name: 'House' },
    });
    expect(ask({ text: 'budget', rules })).toMatchObject({
      paneId: 'acme',
      via: 'rule',
      because: { code: 'rule', number: 1, matched: 'budget' },
    });
  });

  it('nobody, and then it asks', () => {
    expect(ask({ text: 'hello', rules: [rule('1', contains('budget'), 'work')] })).toEqual({
      action: 'ask',
      domain: null,
      paneId: null,
      confidence: 0,
      pWork: 0.5,
      via: 'default',
      because: { code: 'nothing-decides' },
      text: 'hello',
    });
  });

  it('nobody for a message of nothing', () => {
    for (const text of ['', '  \n', '@work', ' @work  '])
      expect(ask({ text, binding: 'house' })).toMatchObject({
        action: 'stay',
        because: { code: 'empty' },
      });
  });

  it('a person, for a name that nothing has; the text is then kept whole', () => {
    const rules = [rule('1', contains('bob'), 'work')];
    expect(ask({ text: '@bob can you help', rules })).toMatchObject({
      action: 'ask',
      because: { code: 'unknown-name', name: 'bob' },
      text: '@bob can you help',
    });
    expect(ask({ text: '@bob can you help', rules, binding: 'house' })).toMatchObject({
      action: 'send',
      paneId: 'house',
      text: '@bob can you help',
    });
  });

  it('nobody, for a binding to a pane that is gone', () => {
    expect(ask({ text: 'hello', binding: 'attic' })).toMatchObject({
      action: 'ask',
      because: { code: 'nothing-decides' },
    });
  });
});

describe('decideRoute: conditions', () => {
  it.each<[string, RuleCondition, string, string | null]>([
    ['whatever the case and form', contains('Atlas'), 'see ＡＴＬＡＳ-12', 'Atlas'],
    ['inside a word', contains('budget'), 'budgets', 'budget'],
    ['text that is not there', contains('budget'), 'bud get', null],
    ['a pattern', regex('\\bINC-\\d+'), 'about inc-4711, please', 'inc-4711'],
    ['a pattern over lines', regex('a\\s+b'), 'a\n\n b', 'a b'],
    ['a pattern that does not compile', regex('(a'), '(a', null],
    ['a pattern that is not there', regex('^INC'), 'about INC', null],
  ])('%s', (_name, when, text, matched) => {
    const { because } = ask({ text, rules: [rule('1', when, 'work')] });
    expect(because.code === 'rule' ? because.matched : null).toBe(matched);
  });

  it('the pane a message comes from, named in the reason', () => {
    const rules = [rule('1', { kind: 'pane', pane: 'lab' }, 'work')];
    expect(ask({ text: 'hi', rules, context: { pane: 'lab' } })).toMatchObject({
      paneId: 'acme',
      because: { matched: 'Lab', condition: 'pane' },
    });
    expect(ask({ text: 'hi', rules, context: { pane: 'house' } }).action).toBe('ask');
    expect(ask({ text: 'hi', rules }).action).toBe('ask');
  });

  it('shows a long match in part', () => {
    const { because } = ask({ text: 'x'.repeat(500), rules: [rule('1', regex('x+'), 'work')] });
    expect(because.code === 'rule' && because.matched.length).toBe(60);
  });

  it('asks when the rule’s domain has no gateway, and does not go on to the next rule', () => {
    const panes = base.panes.filter((pane) => pane.domain !== 'work');
    const rules = [
      rule('1', contains('budget'), 'work'),
      rule('2', contains('budget'), 'personal'),
    ];
    expect(ask({ text: 'budget', rules, panes })).toMatchObject({
      action: 'ask',
      via: 'rule',
      because: { code: 'rule-without-gateway', number: 1, domain: 'Work' },
    });
  });

  it('counts rules that are switched off, as the list does', () => {
    const rules = [rule('1', contains('x'), 'personal', false), rule('2', contains('x'), 'work')];
    const decision = ask({ text: 'x', rules });
    expect(becauseText(t, decision.because)).toContain('(rule 2, Rule 2)');
  });
});

describe('decideRoute: trust has the last word', () => {
  it.each<[string, Partial<RouteQuestion>]>([
    [
      'a rule',
      {
        text: 'budget',
        rules: [rule('1', contains('budget'), 'work'), rule('2', contains('budget'), 'personal')],
      },
    ],
    ['a name', { text: '@work budget' }],
    ['a binding', { text: 'budget', binding: 'acme' }],
  ])('over %s', (_name, change) => {
    expect(ask(change)).toMatchObject({ action: 'send' });
    expect(ask({ ...change, labels: ['personal'] })).toMatchObject({
      action: 'ask',
      via: 'guard',
      domain: null,
      paneId: null,
      because: { code: 'trust', source: 'Personal', target: 'Work' },
    });
  });
});

const conditions = fc.oneof(
  fc.constantFrom('a', 'ab', 'budget', 'Ａ', ' ').map(contains),
  fc.constantFrom('a+', '^b', '(a|b)*c', '\\w{3}', '(').map(regex),
  fc.constantFrom('house', 'acme', 'none').map((pane): RuleCondition => ({ kind: 'pane', pane })),
);
const rulesArbitrary = fc
  .array(
    fc.record({
      when: conditions,
      then: fc.constantFrom('personal', 'work', 'client'),
      enabled: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((rows) =>
    rows.map(({ when, then, enabled }, index) => rule(String(index), when, then, enabled)),
  );
const question: fc.Arbitrary<RouteQuestion> = fc.record({
  text: fc.oneof(
    fc.string({
      unit: fc.constantFrom('a', 'b', 'c', ' ', '@', 'work', 'house', '\n'),
      maxLength: 12,
    }),
    anyText(),
  ),
  binding: fc.constantFrom(null, 'house', 'acme', 'gone'),
  context: fc.record({ pane: fc.constantFrom(null, 'house', 'acme') }),
  panes: fc.subarray([...base.panes]),
  domains: fc.constant(base.domains),
  rules: rulesArbitrary,
  labels: fc.subarray(['personal', 'work']),
  policy: fc.constantFrom(base.policy, parsePolicy('broken')),
});

describe('decideRoute: properties', () => {
  it('is deterministic, and says one thing in all its fields', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const decision = decideRoute(asked);
        expect(decideRoute(structuredClone(asked))).toEqual(decision);
        expect(becauseText(t, decision.because)).not.toContain('{{');
        const pane = asked.panes.find(({ id }) => id === decision.paneId);
        if (decision.action === 'send')
          expect([pane?.domain, decision.confidence]).toEqual([decision.domain, 1]);
        else expect([decision.domain, decision.paneId, decision.pWork]).toEqual([null, null, 0.5]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('lets only the order decide among rules that match', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const decision = decideRoute(asked);
        if (decision.because.code !== 'rule') return;
        const winner = decision.because.number - 1;
        // Rules after the winner change nothing, and without the winner the ones before it still do not match.
        expect(decideRoute({ ...asked, rules: asked.rules.slice(0, winner + 1) })).toEqual(
          decision,
        );
        expect(decideRoute({ ...asked, rules: asked.rules.slice(0, winner) }).because.code).toBe(
          'nothing-decides',
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives no effect to a rule that is switched off', () => {
    fc.assert(
      fc.property(question, (asked) => {
        // A rule that cannot match stands in the same place, so that numbers stay.
        const without = asked.rules.map((row) =>
          row.enabled ? row : { ...row, enabled: true, when: regex('[^\\x00-\\x{10FFFF}]') },
        );
        expect(decideRoute({ ...asked, rules: without })).toEqual(decideRoute(asked));
      }),
      { numRuns: 500 },
    );
  });

  it('never sends personal text to work, whatever chose it', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const decision = decideRoute({ ...asked, labels: ['personal'] });
        expect(decision.domain).not.toBe('work');
        if (decision.action === 'send') expect(decision.domain).toBe('personal');
      }),
      { numRuns: 1_000 },
    );
  });

  it('sends nothing anywhere under a policy that does not parse', () => {
    fc.assert(
      fc.property(question, (asked) => {
        expect(decideRoute({ ...asked, policy: parsePolicy('broken') }).action).not.toBe('send');
      }),
    );
  });

  it('takes hostile texts', () => {
    const rules = [
      rule('1', regex('(a+)+$'), 'work'),
      rule('2', regex('(\\w+\\s?)*!'), 'work'),
      rule('3', contains('ﷺ'), 'work'),
    ];
    const texts = [
      'a'.repeat(1_000_000),
      `${'a'.repeat(50_000)}!`,
      'a\u0301\u0316'.repeat(100_000),
      `a${'\u0301\u0316'.repeat(100_000)}`,
      `x${'\uFF9E\u0316'.repeat(100_000)}`,
      '\uFDFA'.repeat(200_000),
      `@${'!'.repeat(200_000)}a`,
      `@a${'!'.repeat(200_000)}a b`,
      '\u0000\u202E\uD800'.repeat(10_000),
      Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x1_00_00 + 0x41)).join(
        '',
      ),
      ' '.repeat(200_000),
    ];
    for (const text of texts)
      expect(['send', 'ask', 'stay']).toContain(ask({ text, rules }).action);
  });
});
