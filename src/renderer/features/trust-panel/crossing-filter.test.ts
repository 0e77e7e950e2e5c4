import { describe, expect, it } from 'vitest';

import type { TrustDecision } from '../../../shared/index.ts';
import { directionOf, matchesFilter, noFilter } from './crossing-filter.ts';
import type { CrossingFilter } from './crossing-filter.ts';

const sent: TrustDecision = {
  atMs: 1,
  principal: 'user',
  action: 'send',
  resource: 'session:work',
  effect: 'allow',
  rule: 'line 8',
  count: 1,
  detail: 'message 7b96',
};

describe('directionOf', () => {
  it.each([
    ['user', 'session:work', 'out'],
    ['agent:personal', 'session:work', 'out'],
    ['gateway:work', 'os', 'in'],
    ['gateway:work', 'session:personal', 'in'],
    ['app', 'agent:personal', 'in'],
    ['user', 'agent:personal', 'in'],
    ['app', 'connection:work', 'here'],
    ['user', 'app', 'here'],
    ['user', 'os', 'here'],
  ])('%s to %s goes %s', (principal, resource, direction) => {
    expect(directionOf({ principal, resource })).toBe(direction);
  });
});

describe('matchesFilter', () => {
  const matches = (part: Partial<CrossingFilter>): boolean =>
    matchesFilter({ ...noFilter, ...part }, sent, 'You Message to Work');

  it.each([
    {},
    { direction: 'out' as const },
    { effect: 'allow' as const },
    { kind: 'send' },
    { text: ' MESSAGE to ' },
    { text: '7b96' },
    { text: 'line 8' },
    { direction: 'out' as const, effect: 'allow' as const, kind: 'send', text: 'you' },
  ])('takes it with %j', (part) => {
    expect(matches(part)).toBe(true);
  });

  it.each([
    { direction: 'in' as const },
    { effect: 'deny' as const },
    { kind: 'ask_work' },
    { text: 'personal' },
    { direction: 'out' as const, text: 'nowhere' },
  ])('leaves it out with %j', (part) => {
    expect(matches(part)).toBe(false);
  });
});
