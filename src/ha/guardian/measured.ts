/** Ports that count what passes through them. */
import type { Clock } from '../../base/index.ts';
import type { MemberConfig } from '../model.ts';
import type { Probe, Register } from '../ports.ts';
import type { Metrics } from './metrics.ts';

/** A register whose operations are counted and timed. */
export function measuredRegister(
  register: Register,
  pairId: string,
  metrics: Metrics,
  clock: Clock,
): Register {
  const timed = async <T extends { readonly kind: string }>(
    operation: 'read' | 'swap',
    answer: Promise<T>,
  ): Promise<T> => {
    const startedAtMs = clock.bootMs();
    const result = await answer;
    const labels = { pair: pairId, operation };
    metrics.observe('switchyard_register_seconds', labels, clock.bootMs() - startedAtMs);
    metrics.count('switchyard_register_operations_total', { ...labels, result: result.kind });
    return result;
  };
  return {
    ...register,
    read: () => timed('read', register.read()),
    compareAndSwap: (expected, next) => timed('swap', register.compareAndSwap(expected, next)),
  };
}

/** Eyes whose looks are counted, by how deep they went. */
export function measuredProbe(
  probe: Probe,
  pairId: string,
  member: MemberConfig,
  metrics: Metrics,
): Probe {
  return {
    check: async (depth, timeoutMs) => {
      const outcome = await probe.check(depth, timeoutMs);
      const labels = { pair: pairId, gateway: member.id };
      const result = outcome.kind;
      if (outcome.kind === 'ok') {
        for (const { depth: reached, latencyMs } of outcome.passed) {
          metrics.count('switchyard_checks_total', { ...labels, depth: reached, result });
          metrics.observe('switchyard_check_seconds', { ...labels, depth: reached }, latencyMs);
        }
      } else {
        const failedAt = outcome.kind === 'miss' ? outcome.failedAt : depth;
        metrics.count('switchyard_checks_total', { ...labels, depth: failedAt, result });
      }
      return outcome;
    },
    close: () => probe.close(),
  };
}
