import { describe, expect, test } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { createTranslator } from '../../shared/index.ts';
import type { FailoverEvent, NodeRole, PairView } from '../../shared/index.ts';
import { pairView } from '../../shared/testing/pair-view.ts';
import { describeAlarm, describeFailover } from './failover.ts';
import { alarmsOf, createPairAlarms } from './pair-alarms.ts';

const t = createTranslator('en');

function pairWith(roles: readonly (NodeRole | null)[], part: Partial<PairView> = {}): PairView {
  return pairView({
    primaryId: 'a',
    standbyId: 'b',
    activeId: 'a',
    epoch: 3,
    nodes: roles.map((role, index) => ({
      gatewayId: index === 0 ? 'a' : 'b',
      local: true,
      role,
      fence: 'plugin',
      detail: role === 'fenced' ? 'Its lease ended.' : '',
    })),
    ...part,
  });
}

const well = pairWith(['active', 'standby']);
const exposed = pairWith(['active', 'fault'], { cover: 'exposed', coverReason: 'B is down.' });

describe('the trouble of a pair', () => {
  test.each([
    ['none', well, []],
    ['no cover', exposed, ['exposed']],
    ['nobody active', pairWith(['fenced', 'standby']), ['inactive']],
    ['nothing certain while one was not heard', pairWith(['fenced', null]), []],
    ['a takeover under way', pairWith(['fenced', 'taking']), []],
    ['no guardian', pairWith([], { cover: 'unguarded' }), ['unguarded']],
  ] as const)('%s', (_words, pair, kinds) => {
    expect(alarmsOf(pair).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('trouble is told', () => {
  function watching() {
    const clock = manualClock();
    const raised: string[] = [];
    const alarms = createPairAlarms({
      clock,
      raise: (pair, alarm) => raised.push(describeAlarm(pair, alarm, t).title),
    });
    return { clock, raised, alarms };
  }

  test('once, when it has lasted', () => {
    const { clock, raised, alarms } = watching();
    alarms.apply([exposed]);
    clock.advance(29_000);
    expect(raised).toEqual([]);
    alarms.apply([{ ...exposed }]);
    clock.advance(2_000);
    expect(raised).toEqual(['Home is not covered']);
    alarms.apply([{ ...exposed }]);
    clock.advance(60_000);
    expect(raised).toHaveLength(1);
  });

  test('not at all when it passes, and again when it comes back', () => {
    const { clock, raised, alarms } = watching();
    alarms.apply([exposed]);
    clock.advance(10_000);
    alarms.apply([well]);
    clock.advance(60_000);
    expect(raised).toEqual([]);
    alarms.apply([exposed]);
    clock.advance(31_000);
    expect(raised).toHaveLength(1);
  });

  test('never after the end', () => {
    const { clock, raised, alarms } = watching();
    alarms.apply([pairWith(['fenced', 'standby'])]);
    alarms.stop();
    clock.advance(60_000);
    expect(raised).toEqual([]);
  });
});

describe('a change of role is told with its reason and what to do', () => {
  const name = (gatewayId: string): string => (gatewayId === 'a' ? 'Attic' : 'Bath');
  const event = (kind: FailoverEvent['kind']): FailoverEvent => ({
    atMs: 0,
    kind,
    gatewayId: 'b',
    epoch: 4,
    reason: 'Attic crashed.',
  });

  test('a takeover', () => {
    const words = describeFailover(event('takeover'), well, name, t);
    expect(words).toMatchObject({ title: 'Home: Bath took over', urgent: false });
    expect(words?.body).toBe(
      'Attic crashed. Bath goes on with your conversations. There is nothing to do; look at Attic when you have time.',
    );
  });

  test('the changes of a drill are no news of their own', () => {
    const drill = { startedAtMs: 0, state: 'running', steps: [], words: '' } as const;
    expect(describeFailover(event('handoff'), { ...well, drill }, name, t)).toBeNull();
    const over = { ...drill, state: 'passed' } as const;
    expect(describeFailover(event('handoff'), { ...well, drill: over }, name, t)).not.toBeNull();
    expect(describeFailover(event('takeover'), { ...well, drill }, name, t)).not.toBeNull();
  });

  test('a forced one says to make sure of the other', () => {
    const words = describeFailover(event('forced'), well, name, t);
    expect(words).toMatchObject({ urgent: true });
    expect(words?.body).toContain('Make sure that Attic is off');
  });

  test.each(['handoff', 'killed'] as const)('%s', (kind) => {
    expect(describeFailover(event(kind), well, name, t)?.body).toContain('Attic crashed.');
  });

  test.each(['missed', 'recovered', 'fenced', 'dns', 'held'] as const)('%s is no news', (kind) => {
    expect(describeFailover(event(kind), well, name, t)).toBeNull();
  });
});
