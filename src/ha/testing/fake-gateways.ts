import { systemClock } from '../../base/index.node.ts';
import { ok } from '../../base/index.ts';
import type { OpenPairParts } from '../guardian/pair-parts.node.ts';
import type { CheckOutcome } from '../model.ts';
import { fileRegister } from './file-register.node.ts';
import { registerPath } from '../register/register-record.node.ts';

export interface FakeGateways {
  /** What stands around a pair of them: answers to checks, fences, and a register in a file that living holders keep. */
  readonly openParts: OpenPairParts;
  /** From now on this gateway is gone; whoever held a connection is told at once. */
  kill(gatewayId: string): void;
  boot(gatewayId: string): void;
}

/** Gateways that exist only as answers. All are up until killed. */
export function fakeGateways(): FakeGateways {
  const dead = new Set<string>();
  /** Who holds the lock of a pair: freed by a fence, or by its end. */
  const owners = new Map<string, string>();
  const resets = new Map<string, (detail: string) => void>();
  const clock = systemClock();
  return {
    openParts: (pair, { stateDir }) => {
      const file = fileRegister(registerPath(stateDir, pair.id), clock);
      return ok({
        register: (gatewayId) => ({
          read: () => file.read(),
          compareAndSwap: async (expected, next) => {
            const owner = owners.get(pair.id) ?? gatewayId;
            if (owner !== gatewayId && !dead.has(owner)) return { kind: 'held' };
            const result = await file.compareAndSwap(expected, next);
            if (result.kind === 'swapped' && next.holder === gatewayId)
              owners.set(pair.id, gatewayId);
            return result;
          },
        }),
        fence: (gatewayId) => ({
          grant: () => undefined,
          fence: async () => {
            if (owners.get(pair.id) === gatewayId) owners.delete(pair.id);
            return true;
          },
          drain: () => Promise.resolve(),
          running: () => Promise.resolve(0),
          state: () => ({ fence: 'plugin', detail: '' }),
        }),
        openProbe: (member, _local, onReset) => {
          resets.set(member.id, onReset);
          return {
            check: async (depth): Promise<CheckOutcome> =>
              dead.has(member.id)
                ? {
                    kind: 'miss',
                    failedAt: 'tcp',
                    detail: 'nothing listens at its address',
                    gone: true,
                  }
                : {
                    kind: 'ok',
                    latencyMs: 1,
                    detail: 'answers',
                    passed: [
                      {
                        depth: depth === 'fast' ? 'rpc' : 'turn',
                        latencyMs: 1,
                        detail: 'answers',
                      },
                    ],
                  },
            close: () => resets.delete(member.id),
          };
        },
        link: null,
        followers: [],
        openCarriers: () => ({
          mirror: {
            follow: () => undefined,
            complete: () => true,
            caughtUp: () => Promise.resolve(),
            view: () => ({
              state: 'in-step',
              conversations: 0,
              rows: 0,
              held: 7,
              behindMs: null,
              detail: '',
              inherited: true,
              conflicts: [],
            }),
          },
          workspace: null,
          duties: null,
        }),
        close: () => Promise.resolve(),
      });
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
