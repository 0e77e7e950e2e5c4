/**
 * The guardian's figures, as Prometheus text.
 *
 * Invariants
 * 1. Nothing in it is a secret, and labels are ids and codes of the configuration: their number is bounded.
 * 2. Counters only rise in one life of the guardian; gauges are read at the moment of asking.
 */
import type { PairView } from '../../shared/index.ts';
import { nodeRoles } from '../../shared/index.ts';
import type { PeerLinkState } from '../peer/model.ts';

/** Upper bounds in seconds: from a local answer to what ends a lease. */
const bucketBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

type Labels = Readonly<Record<string, string>>;

interface Histogram {
  readonly labels: Labels;
  readonly buckets: number[];
  sumSeconds: number;
  count: number;
}

export interface Metrics {
  /** One more of these. */
  count(name: CounterName, labels: Labels): void;
  /** One more duration. */
  observe(name: HistogramName, labels: Labels, ms: number): void;
  /** Writes everything down. */
  text(now: Sample): string;
}

/** What is only known at the moment of asking. */
export interface Sample {
  readonly bootMs: number;
  readonly startedAtMs: number;
  readonly pairs: readonly {
    readonly view: PairView;
    /** Null where both nodes are here. */
    readonly peer: PeerLinkState | null;
  }[];
}

const counters = {
  switchyard_checks_total: 'Checks by gateway, depth and result (ok, miss, blind).',
  switchyard_events_total: 'Events of the timeline by kind.',
  switchyard_register_operations_total: 'Register operations by kind (read, swap) and result.',
  switchyard_commands_total: 'What people asked for, by command and result (done, refused).',
} as const;

const histograms = {
  switchyard_register_seconds: 'How long register operations took.',
  switchyard_check_seconds: 'How long good checks took, by depth.',
  switchyard_timer_lateness_seconds:
    'By how much the timers of the guardian ran late: a busy or sleeping machine.',
} as const;

export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;

/** Begins to count. */
export function createMetrics(): Metrics {
  const counted = new Map<string, { name: CounterName; labels: Labels; value: number }>();
  const observed = new Map<string, { name: HistogramName; histogram: Histogram }>();

  return {
    count: (name, labels) => {
      const key = sample(name, labels, '');
      const found = counted.get(key) ?? { name, labels, value: 0 };
      found.value += 1;
      counted.set(key, found);
    },
    observe: (name, labels, ms) => {
      const key = sample(name, labels, '');
      const found = observed.get(key) ?? { name, histogram: emptyHistogram(labels) };
      observed.set(key, found);
      const { histogram } = found;
      const valueSeconds = ms / 1000;
      histogram.count += 1;
      histogram.sumSeconds += valueSeconds;
      bucketBounds.forEach((bound, index) => {
        if (valueSeconds <= bound) histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1;
      });
    },
    text: (now) => {
      const lines: string[] = [];
      const family = (name: string, type: string, help: string, samples: string[]): void => {
        if (samples.length > 0)
          lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples);
      };
      for (const [name, help] of Object.entries(counters)) {
        const own = [...counted.values()].filter((entry) => entry.name === name);
        family(
          name,
          'counter',
          help,
          own.map(({ labels, value }) => sample(name, labels, value)),
        );
      }
      for (const [name, help] of Object.entries(histograms)) {
        const own = [...observed.values()].filter((entry) => entry.name === name);
        family(
          name,
          'histogram',
          help,
          own.flatMap(({ histogram }) => bucketLines(name, histogram)),
        );
      }
      for (const { name, help, samples } of gauges(now)) family(name, 'gauge', help, samples);
      return `${lines.join('\n')}\n`;
    },
  };
}

function* gauges(
  now: Sample,
): Generator<{ readonly name: string; readonly help: string; readonly samples: string[] }> {
  const gauge = (
    name: string,
    help: string,
    values: (pair: Sample['pairs'][number]) => readonly (readonly [Labels, number | null])[],
  ) => ({
    name,
    help,
    samples: now.pairs.flatMap((pair) =>
      values(pair).flatMap(([labels, value]) =>
        value === null ? [] : [sample(name, { pair: pair.view.id, ...labels }, value)],
      ),
    ),
  });

  yield {
    name: 'switchyard_up_seconds',
    help: 'How long this guardian has run.',
    samples: [sample('switchyard_up_seconds', {}, (now.bootMs - now.startedAtMs) / 1000)],
  };
  yield gauge(
    'switchyard_epoch',
    'The epoch of the pair; it rises with every change of the role.',
    ({ view }) => [[{}, view.epoch]],
  );
  yield gauge('switchyard_active', '1 for the gateway that the register names.', ({ view }) =>
    [view.primaryId, view.standbyId].map((gateway) => [
      { gateway },
      flag(view.epoch > 0 && gateway === view.activeId),
    ]),
  );
  yield gauge('switchyard_node_role', '1 for what each node is doing now.', ({ view }) =>
    view.nodes.flatMap(({ gatewayId, role }) =>
      nodeRoles.map(
        (name) =>
          [{ gateway: gatewayId, role: name }, role === null ? null : flag(role === name)] as const,
      ),
    ),
  );
  yield gauge(
    'switchyard_protected',
    '1 while the other gateway could take over now.',
    ({ view }) => [[{}, flag(view.cover === 'protected')]],
  );
  yield gauge('switchyard_hold', '1 while automatic changes are switched off.', ({ view }) => [
    [{}, flag(view.hold)],
  ]);
  yield gauge(
    'switchyard_lease_remaining_seconds',
    'What is left of the lease, as far as it is known here.',
    ({ view }) => [
      [
        {},
        view.lease.kind === 'timed' && view.lease.remainingMs !== null
          ? view.lease.remainingMs / 1000
          : null,
      ],
    ],
  );
  yield gauge('switchyard_register_ok', '1 while the register answers.', ({ view }) => [
    [{ kind: view.register.kind }, flag(view.register.ok)],
  ]);
  yield gauge(
    'switchyard_check_ok',
    '1 where the newest check of that depth was good.',
    ({ view }) =>
      view.checks.map(({ gatewayId, depth, ok }) => [{ gateway: gatewayId, depth }, flag(ok)]),
  );
  yield gauge('switchyard_check_misses', 'Checks missed in a row.', ({ view }) =>
    view.checks.map(({ gatewayId, depth, misses }) => [{ gateway: gatewayId, depth }, misses]),
  );
  yield gauge('switchyard_dns_ok', '1 where a client is told the active address.', ({ view }) =>
    view.dns.map(({ provider, name, ok }) => [{ provider, name }, flag(ok)]),
  );
  yield gauge(
    'switchyard_mirror_in_step',
    '1 while both gateways hold the same conversations; told by the guardian of the active one.',
    ({ view }) => [[{}, view.mirror === null ? null : flag(view.mirror.state === 'in-step')]],
  );
  yield gauge(
    'switchyard_mirror_behind_seconds',
    'For how long the copy has been behind; 0 while it is in step.',
    ({ view }) => [[{}, view.mirror === null ? null : (view.mirror.behindMs ?? 0) / 1000]],
  );
  yield gauge(
    'switchyard_mirror_rows_behind',
    'Rows that the copy lacks, as far as is known.',
    ({ view }) => [[{}, view.mirror?.rows ?? null]],
  );
  yield gauge(
    'switchyard_mirror_conflicts',
    'Conversations in which both sides wrote something else under one id.',
    ({ view }) => [[{}, view.mirror?.conflicts.length ?? null]],
  );
  yield gauge(
    'switchyard_peer_up',
    '1 while the guardian of the other host is heard.',
    ({ peer }) => [[{}, peer === null ? null : flag(peer.kind === 'up')]],
  );
  yield gauge(
    'switchyard_peer_heard_seconds_ago',
    'Since the other guardian was last heard.',
    ({ peer }) => [[{}, peer?.lastHeardMs == null ? null : (now.bootMs - peer.lastHeardMs) / 1000]],
  );
  yield gauge(
    'switchyard_peer_dropped',
    'Datagrams not taken, by reason; they only rise.',
    ({ peer }) => Object.entries(peer?.dropped ?? {}).map(([reason, value]) => [{ reason }, value]),
  );
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

function emptyHistogram(labels: Labels): Histogram {
  return { labels, buckets: bucketBounds.map(() => 0), sumSeconds: 0, count: 0 };
}

function bucketLines(name: string, { labels, buckets, sumSeconds, count }: Histogram): string[] {
  return [
    ...bucketBounds.map((bound, index) =>
      sample(`${name}_bucket`, { ...labels, le: String(bound) }, buckets[index] ?? 0),
    ),
    sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    sample(`${name}_sum`, labels, sumSeconds),
    sample(`${name}_count`, labels, count),
  ];
}

function sample(name: string, labels: Labels, value: number | string): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${String(value)}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
