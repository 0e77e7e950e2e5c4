/**
 * What lets one local gateway act, and stops it: our plugin, where the gateway has it; else OpenClaw's suspension; and as the
 * last step the end of its process.
 *
 * Invariants
 * 1. `fence` is true only if nothing granted up to its `seq` can act: the plugin confirmed it, the gateway stands still, or its
 *    process is provably gone.
 * 2. The stand-in's lock is given up only after that.
 * 3. A grant is never repeated by this side, and never lengthened by rounding.
 */
import type { Clock, Logger } from '../../base/index.ts';
import type { FencePort } from '../ports.ts';
import { isGatewayGone, killGateway } from './kill-gateway.node.ts';
import type { HeldRegister } from './methods.ts';
import { callPlugin, detailOf } from './plugin-link.node.ts';
import type { PluginConnection } from './plugin-link.node.ts';
import { openSuspension } from './suspension.node.ts';

export interface GatewayFenceOptions {
  readonly pairId: string;
  readonly gatewayId: string;
  readonly connection: PluginConnection;
  /** The record of its process; without it a gateway that does not listen cannot be ended. */
  readonly pidFile?: string | undefined;
  /** The lock that the guardian holds for a gateway without our plugin, on one host. */
  readonly standIn?: Pick<HeldRegister, 'release'> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

const callMs = 1_000;
/** The last step must not wait for a gateway that hangs. */
const standStillMs = 1_000;

/** Opens the fence of a gateway of this machine. */
export function openGatewayFence(options: GatewayFenceOptions): FencePort & { close(): void } {
  const { pairId: pair, gatewayId, connection, pidFile, clock, logger } = options;
  const suspension = openSuspension(connection, `switchyard-${pair}-${gatewayId}`, clock);
  let state: ReturnType<FencePort['state']> = { fence: 'unknown', detail: 'not asked yet' };
  /** The connection on which the plugin was looked for. */
  let lookedOn = -1;

  const noPlugin = (detail: string): void => {
    state = {
      fence: 'drain',
      detail: `${detail}; it is stopped by holding its doors shut, or by ending it`,
    };
  };

  const look = async (): Promise<void> => {
    lookedOn = connection.generation();
    const answer = await callPlugin(connection, 'switchyard.status', {}, callMs);
    if (answer.kind === 'answered') {
      const { problem } = answer.value;
      const stranger =
        answer.value.pair !== pair || answer.value.gateway !== gatewayId
          ? `its plugin belongs to ${answer.value.pair}/${answer.value.gateway}`
          : null;
      state = { fence: 'plugin', detail: problem ?? stranger ?? '' };
    } else if (answer.kind === 'absent') noPlugin(answer.detail);
    else {
      state = { fence: 'unknown', detail: answer.detail };
      lookedOn = -1; // it may pass by itself
    }
  };

  const grant: FencePort['grant'] = ({ epoch, untilMs, seq }) => {
    void suspension.release();
    if (untilMs === Infinity) return; // the lock is the lease, and the gateway took it itself
    const params = { pair, epoch, seq, untilMs: Math.floor(untilMs) };
    void callPlugin(connection, 'switchyard.grant', params, callMs).then((answer) => {
      if (answer.kind === 'absent') noPlugin(answer.detail);
      else if (answer.kind === 'answered') state = { fence: 'plugin', detail: '' };
      else logger.warn('a gateway did not take its lease', { gatewayId, detail: answer.detail });
    });
  };

  const stop = async (seq: number): Promise<boolean> => {
    const answer = await callPlugin(connection, 'switchyard.fence', { pair, seq }, callMs);
    switch (answer.kind) {
      case 'answered':
        state = { fence: 'plugin', detail: '' };
        return answer.value.fenced;
      case 'absent':
        noPlugin(answer.detail);
        return suspension.stop(standStillMs);
      default:
        if (pidFile !== undefined && (await isGatewayGone(pidFile))) return true;
        logger.warn('a gateway did not confirm its fence', { gatewayId, detail: answer.detail });
        return false;
    }
  };

  const kill = async (): Promise<boolean> => {
    if (pidFile === undefined) return false;
    const killed = await killGateway(pidFile, clock);
    if (!killed.ok)
      logger.error('a gateway could not be ended', { gatewayId, detail: killed.error });
    else logger.warn('a gateway was ended', { gatewayId, how: killed.value });
    return killed.ok;
  };

  return {
    grant,
    fence: async (seq, mustKill) => {
      const fenced = (mustKill && (await kill())) || (await stop(seq));
      if (fenced) options.standIn?.release();
      return fenced;
    },
    drain: async (timeoutMs) => {
      const limitMs = timeoutMs + callMs;
      const answer = await callPlugin(connection, 'switchyard.drain', { timeoutMs }, limitMs);
      if (answer.kind === 'absent') await suspension.stop(timeoutMs);
      else if (answer.kind !== 'answered')
        logger.warn('a gateway does not drain', { gatewayId, detail: detailOf(answer) });
    },
    running: async () => {
      const answer = await callPlugin(connection, 'switchyard.status', {}, callMs);
      return answer.kind === 'answered' ? answer.value.running : null;
    },
    state: () => {
      if (connection.generation() !== lookedOn) void look();
      return state;
    },
    close: () => {
      void suspension.release();
    },
  };
}
