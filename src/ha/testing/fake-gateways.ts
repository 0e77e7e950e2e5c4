import type { CheckOutcome } from '../model.ts';
import type { OpenProbe } from '../ports.ts';

export interface FakeGateways {
  readonly openProbe: OpenProbe;
  /** From now on this gateway is gone; whoever held a connection is told at once. */
  kill(gatewayId: string): void;
  boot(gatewayId: string): void;
}

/** Gateways that exist only as answers to probes. All are up until killed. */
export function fakeGateways(): FakeGateways {
  const dead = new Set<string>();
  const resets = new Map<string, (detail: string) => void>();
  return {
    openProbe: (member, onReset) => {
      resets.set(member.id, onReset);
      return {
        check: async (depth): Promise<CheckOutcome> =>
          dead.has(member.id)
            ? { kind: 'miss', failedAt: 'tcp', detail: 'nothing listens at its address' }
            : { kind: 'ok', latencyMs: 1, detail: depth === 'rpc' ? 'answers' : 'answered a turn' },
        close: () => resets.delete(member.id),
      };
    },
    kill: (gatewayId) => {
      dead.add(gatewayId);
      resets.get(gatewayId)?.('closed with 1006');
    },
    boot: (gatewayId) => {
      dead.delete(gatewayId);
    },
  };
}
