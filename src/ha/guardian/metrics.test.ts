import { describe, expect, it } from 'vitest';

import type { PairView } from '../../shared/index.ts';
import { pairView } from '../../shared/testing/pair-view.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';

function textOf(metrics: Metrics, view: Partial<PairView> = {}): string {
  return metrics.text({
    bootMs: 61_000,
    startedAtMs: 1_000,
    pairs: [{ view: pairView(view), peer: null }],
  });
}

describe('the figures', () => {
  it('say who is active, in which role each node is, and what is left of the lease', () => {
    const text = textOf(createMetrics(), {
      epoch: 7,
      activeId: 'home-b',
      lease: { kind: 'timed', leaseMs: 2_000, remainingMs: 1_250 },
    });
    const lines = text.split('\n');
    expect(lines).toContain('switchyard_up_seconds 60');
    expect(lines).toContain('switchyard_epoch{pair="home"} 7');
    expect(lines).toContain('switchyard_active{pair="home",gateway="home-a"} 0');
    expect(lines).toContain('switchyard_active{pair="home",gateway="home-b"} 1');
    expect(lines).toContain('switchyard_node_role{pair="home",gateway="home-b",role="active"} 1');
    expect(lines).toContain('switchyard_node_role{pair="home",gateway="home-b",role="fault"} 0');
    expect(lines).toContain('switchyard_lease_remaining_seconds{pair="home"} 1.25');
    expect(lines).toContain('# TYPE switchyard_epoch gauge');
  });

  it('name nobody active before the register was read', () => {
    expect(textOf(createMetrics(), { epoch: 0 })).toContain(
      'switchyard_active{pair="home",gateway="home-a"} 0',
    );
  });

  it('leave out what is not known rather than saying 0', () => {
    const text = textOf(createMetrics(), { lease: { kind: 'held' } });
    expect(text).not.toContain('lease_remaining');
    expect(text).not.toContain('switchyard_peer_up');
  });

  it('say how far the copy of the conversations is, only where it is made', () => {
    const mirror = {
      state: 'catching-up',
      conversations: 2,
      rows: 40,
      held: 10,
      behindMs: 1_500,
      detail: '',
      inherited: true,
      conflicts: ['agent:main:main'],
    } as const;
    const text = textOf(createMetrics(), { mirror: { ...pairView().mirror, ...mirror } });
    expect(text).toContain('switchyard_mirror_in_step{pair="home"} 0');
    expect(text).toContain('switchyard_mirror_behind_seconds{pair="home"} 1.5');
    expect(text).toContain('switchyard_mirror_rows_behind{pair="home"} 40');
    expect(text).toContain('switchyard_mirror_conflicts{pair="home"} 1');
    expect(textOf(createMetrics(), { mirror: null })).not.toContain('switchyard_mirror');
  });

  it('tell of the link to the other guardian, and of what was not taken from it', () => {
    const dropped = {
      malformed: 0,
      forged: 3,
      replayed: 1,
      'other-session': 0,
      'not-understood': 0,
    };
    const text = createMetrics().text({
      bootMs: 5_000,
      startedAtMs: 0,
      pairs: [{ view: pairView(), peer: { kind: 'up', lastHeardMs: 4_500, dropped } }],
    });
    expect(text).toContain('switchyard_peer_up{pair="home"} 1');
    expect(text).toContain('switchyard_peer_heard_seconds_ago{pair="home"} 0.5');
    expect(text).toContain('switchyard_peer_dropped{pair="home",reason="forged"} 3');
  });

  it('count, and sort durations into cumulative buckets', () => {
    const metrics = createMetrics();
    const labels = { pair: 'home', operation: 'swap' };
    for (const ms of [2, 40, 9_000]) metrics.observe('switchyard_register_seconds', labels, ms);
    metrics.count('switchyard_events_total', { pair: 'home', kind: 'takeover' });
    metrics.count('switchyard_events_total', { pair: 'home', kind: 'takeover' });
    const lines = textOf(metrics).split('\n');
    expect(lines).toContain('switchyard_events_total{pair="home",kind="takeover"} 2');
    const bucket = (le: string): string | undefined =>
      lines
        .find((line) => line.includes(`le="${le}"`))
        ?.split(' ')
        .at(-1);
    expect(['0.001', '0.0025', '0.05', '5', '+Inf'].map(bucket)).toEqual(['0', '1', '2', '2', '3']);
    expect(lines).toContain('switchyard_register_seconds_count{pair="home",operation="swap"} 3');
    expect(lines).toContain('switchyard_register_seconds_sum{pair="home",operation="swap"} 9.042');
  });

  it('escape what stands in a label', () => {
    const metrics = createMetrics();
    metrics.count('switchyard_commands_total', { command: 'a"b\\c\nd', result: 'done' });
    expect(textOf(metrics)).toContain('command="a\\"b\\\\c\\nd"');
  });
});
