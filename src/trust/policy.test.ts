import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { TrustEdge } from '../shared/index.ts';
import { anyText } from '../store/testing/any-text.ts';
import { defaultPolicyText } from './default-policy.ts';
import { graphText, policyGraph } from './graph.ts';
import {
  policyFacts,
  trustActions,
  type Principal,
  type Resource,
  type TrustRequest,
} from './model.ts';
import { decide, parsePolicy } from './policy.ts';

const standard = parsePolicy(defaultPolicyText);
const domains = ['personal', 'work', 'client'];
/** Trust as wide as it can be. */
const trust: readonly TrustEdge[] = [
  { from: 'personal', to: 'work' },
  { from: 'personal', to: 'client' },
  { from: 'work', to: 'client' },
];

const domain = fc.constantFrom(...domains);
const request: fc.Arbitrary<TrustRequest> = fc.record({
  principal: fc.oneof(
    fc.constantFrom<Principal>('user', 'app', 'ext'),
    domain.map((id): Principal => `gateway:${id}`),
    domain.map((id): Principal => `agent:${id}`),
  ),
  action: fc.constantFrom(...trustActions),
  resource: fc.oneof(
    fc.constantFrom<Resource>('os', 'host', 'app'),
    domain.map((id): Resource => `session:${id}`),
    domain.map((id): Resource => `connection:${id}`),
    domain.map((id): Resource => `agent:${id}`),
  ),
  labels: fc.subarray(domains),
  facts: fc.subarray([...policyFacts]),
  trusted: fc.subarray(domains),
});

function effect(
  principal: Principal,
  action: TrustRequest['action'],
  resource: Resource,
  labels: readonly string[] = [],
): string {
  return decide(standard, { principal, action, resource, labels }).effect;
}

describe('default policy', () => {
  it('parses and passes its own lint', () => {
    expect(standard.problems).toEqual([]);
    expect(standard.rules.length).toBeGreaterThan(5);
  });

  it('lets a person send into each domain, and another domain’s text only after they are asked', () => {
    expect(effect('user', 'send', 'session:work')).toBe('allow');
    expect(effect('user', 'send', 'session:work', ['work'])).toBe('allow');
    expect(effect('user', 'send', 'session:work', ['personal'])).toBe('ask');
    expect(effect('user', 'send', 'session:work', ['work', 'personal'])).toBe('ask');
    expect(effect('user', 'send', 'session:client', ['work'])).toBe('ask');
    expect(effect('user', 'send', 'session:personal', ['work', 'client'])).toBe('allow');
  });

  it('gives every gateway its own sessions and nothing else', () => {
    fc.assert(
      fc.property(request, (asked) => {
        if (!asked.principal.startsWith('gateway:') && asked.principal !== 'ext') return;
        const own = asked.principal.slice('gateway:'.length);
        const decision = decide(standard, asked);
        if (decision.effect !== 'deny')
          expect([`session:${own}`, `connection:${own}`]).toContain(asked.resource);
      }),
    );
  });

  it('has no edge from work or outside to personal or to this machine', () => {
    const edges = policyGraph(standard, domains, trust);
    expect(edges.filter((edge) => edge.forbidden)).toEqual([]);
    expect(edges.some((edge) => edge.from === 'gateway:work' && edge.to === 'session:work')).toBe(
      true,
    );
    expect(edges.filter(({ from }) => from === 'ext')).toEqual([]);
    expect(
      edges.filter(
        ({ from, to }) => /:(?:work|client)$/u.test(from) && /personal|os|host|app/u.test(to),
      ),
    ).toEqual([]);
  });

  it('lets agents ask and tell where trust leads, and nowhere else, and never without a person', () => {
    const edges = policyGraph(standard, domains, trust);
    expect(
      edges.filter(({ from }) => from.startsWith('agent:')).map(({ from, to }) => [from, to]),
    ).toEqual([
      ['agent:personal', 'session:work'],
      ['agent:personal', 'session:client'],
      ['agent:work', 'session:client'],
    ]);
    const [edge] = edges.filter(({ from }) => from.startsWith('agent:'));
    expect(edge).toMatchObject({
      actions: ['ask_work', 'tell_work'],
      asks: ['ask_work', 'tell_work'],
    });
    expect(graphText(edge === undefined ? [] : [edge])).toBe(
      'agent:personal -> session:work: ask_work (a person is asked), tell_work (a person is asked)\n',
    );
    expect(
      policyGraph(standard, domains, []).filter(({ from }) => from.startsWith('agent:')),
    ).toEqual([]);
  });

  it('gives an agent an answer in form, and free text only by a person', () => {
    const deliver = (principal: Principal, ...facts: readonly 'typed'[]) =>
      decide(standard, {
        principal,
        action: 'deliver_reply',
        resource: 'agent:personal',
        labels: ['work'],
        facts,
      }).effect;
    expect(deliver('app', 'typed')).toBe('allow');
    expect(deliver('app')).toBe('deny');
    expect(deliver('user')).toBe('allow');
    expect(deliver('gateway:work', 'typed')).toBe('deny');
  });
});

describe('decide', () => {
  it('takes the first row that matches', () => {
    const text = 'user send session:work - deny\nuser send session:* - allow';
    const reversed = text.split('\n').reverse().join('\n');
    const asked: TrustRequest = {
      principal: 'user',
      action: 'send',
      resource: 'session:work',
      labels: [],
    };
    expect(decide(parsePolicy(text), asked)).toMatchObject({
      effect: 'deny',
      rule: 'line 1: user send session:work - deny',
    });
    expect(decide(parsePolicy(reversed), asked)).toMatchObject({
      effect: 'allow',
      rule: 'line 1: user send session:* - allow',
    });
  });

  it('denies what no row allows', () => {
    expect(
      decide(parsePolicy(''), {
        principal: 'user',
        action: 'send',
        resource: 'session:personal',
        labels: [],
      }),
    ).toMatchObject({ effect: 'deny', rule: 'no row' });
  });

  it('is total: it answers for every request under every text, and a faulty text denies all', () => {
    const row = fc
      .array(
        fc.constantFrom(
          'user',
          'app',
          'ext',
          '*',
          'gateway:work',
          'gateway:*',
          'send',
          'append',
          'session:@own',
          'session:*',
          'os',
          '-',
          'carries-foreign',
          'allow',
          'deny',
          '#',
        ),
        { maxLength: 6 },
      )
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(row, { maxLength: 8 }).map((rows) => rows.join('\n')),
          anyText(),
        ),
        request,
        (text, asked) => {
          const policy = parsePolicy(text);
          const decision = decide(policy, asked);
          if (policy.problems.length > 0)
            expect([policy.rules, decision.effect]).toEqual([[], 'deny']);
          else expect(['allow', 'ask', 'deny']).toContain(decision.effect);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('parsePolicy', () => {
  it.each([
    ['user send session:work', 'five words'],
    ['bob send session:work - allow', '“bob” is no principal'],
    ['user fly session:work - allow', '“fly” is no action'],
    ['user send pocket - allow', '“pocket” is no resource'],
    ['user send session:work sometimes allow', '“sometimes” is no condition'],
    ['user send session:work constructor allow', '“constructor” is no condition'],
    ['user send session:work - maybe', 'neither allow, ask nor deny'],
    ['user send session:@own - allow', 'whose own'],
    ['user send session:@trusted - allow', 'whose trust'],
  ])('refuses “%s” and denies everything', (row, words) => {
    const policy = parsePolicy(`# a comment\n\n${row}\nuser send session:* - allow`);
    expect(policy).toMatchObject({
      rules: [],
      problems: [{ line: 3, message: expect.stringContaining(words) as string }],
    });
  });

  it.each([
    'gateway:work append session:personal - allow',
    'gateway:work append session:* - allow',
    'gateway:work * session:@own - allow',
    'gateway:work send session:@own - allow',
    'gateway:work notify os - allow',
    'gateway:* append session:personal - allow',
    'gateway:* append session:* - allow',
    'gateway:client append session:work carries-foreign allow',
    'gateway:personal append session:work - allow',
    'gateway:personal invoke_host host - allow',
    'ext open_link os - allow',
    'ext send session:work - allow',
    '* append session:work - allow',
    '* * * - allow',
    'agent:work ask_work session:personal approved allow',
    'agent:personal ask_work session:work approved allow',
    'agent:personal ask_work session:* approved allow',
    'agent:* ask_work session:@trusted - allow',
    'agent:* ask_work session:@trusted carries-foreign allow',
    'agent:* send session:@trusted approved allow',
    'agent:* * session:@trusted approved allow',
    'agent:* ask_work connection:@trusted approved allow',
    'agent:personal invoke_host host approved allow',
    'gateway:work ask_work session:@own - allow',
    'gateway:work ask_work session:client approved allow',
    'gateway:work deliver_reply agent:personal typed allow',
    'gateway:personal notify os - ask',
    'user pair app - ask',
  ])('the lint refuses “%s”', (row) => {
    expect(parsePolicy(row)).toMatchObject({ rules: [], problems: [{ line: 1 }] });
  });

  it.each([
    'gateway:work append session:work - allow',
    'gateway:* append session:@own - allow',
    'gateway:personal notify os - allow',
    'gateway:work * * - deny',
    '* * * - deny',
    'user * * - allow',
    'agent:* ask_work session:@trusted - ask',
    'agent:personal tell_work session:@trusted granted allow',
    'agent:work * * - deny',
    'app deliver_reply agent:* - allow',
  ])('the lint lets “%s” pass', (row) => {
    expect(parsePolicy(row).problems).toEqual([]);
  });

  it('has no forbidden edge, whatever passes the lint', () => {
    const word = <T extends string>(...words: T[]) => fc.constantFrom(...words);
    const row = fc
      .tuple(
        word(
          'user',
          'app',
          'ext',
          '*',
          'gateway:*',
          'gateway:work',
          'agent:*',
          'agent:work',
          'agent:personal',
        ),
        word('*', 'append', 'send', 'notify', 'ask_work', 'deliver_reply', 'invoke_host'),
        word(
          '*',
          'os',
          'host',
          'app',
          'session:*',
          'session:@own',
          'session:@trusted',
          'agent:*',
          'session:personal',
          'session:work',
          'connection:@own',
        ),
        word('-', 'carries-foreign', 'approved', 'granted', 'typed'),
        word('allow', 'ask', 'deny'),
      )
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 3 }), (rows) => {
        const policy = parsePolicy(rows.join('\n'));
        expect(policyGraph(policy, domains, trust).filter((edge) => edge.forbidden)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
