import { describe, expect, it } from 'vitest';

import { compileRulePattern } from './rule-pattern.ts';

function find(pattern: string, text: string): string | null {
  const compiled = compileRulePattern(pattern);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value.find(text);
}

describe('compileRulePattern', () => {
  it('finds without regard to case', () => {
    expect(find('\\batlas-\\d+', 'see ATLAS-12, please')).toBe('ATLAS-12');
    expect(find('(?-i)atlas', 'ATLAS')).toBeNull();
  });

  it.each([
    ['(a'],
    ['a{2000}'],
    ['(?=a)'],
    ['(a)\\1'],
    ['[z-a]'],
    ['a'.repeat(501)],
    ['((a{0,30}){0,30}){0,2}'],
  ])('refuses %s with words', (pattern) => {
    const compiled = compileRulePattern(pattern);
    expect(compiled.ok ? '' : compiled.error).not.toBe('');
  });

  it('examines 20,000 characters with an ordinary pattern, and fewer with a large one', () => {
    expect(find('needle', `${'.'.repeat(19_990)}needle`)).toBe('needle');
    expect(find('needle', `${'.'.repeat(20_000)}needle`)).toBeNull();
    expect(find('(?:a?){400}b', `${'.'.repeat(900)}b`)).toBe('b');
    expect(find('(?:a?){400}b', `${'.'.repeat(5_000)}b`)).toBeNull();
  });
});
