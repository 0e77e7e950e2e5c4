import { createLogger, systemRandom, type LogEntry } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import { createNodeProcessHost, type GatewayRuntime } from '../../src/gateways/index.node.ts';
import {
  createSupervisor,
  gatewayTokenName,
  type ManagedGateway,
} from '../../src/gateways/index.ts';
import { memoryVault } from '../../src/gateways/testing/memory-vault.ts';

/** A real OpenClaw gateway of a test's own, run by our supervisor. */
export interface RealGateway {
  readonly url: string;
  readonly token: string;
  /** Null while no process runs. */
  pid(): number | null;
  /** Resolves when the process answers its liveness check; rejects when it cannot be run. */
  readonly live: Promise<void>;
  stop(): Promise<void>;
}

export interface RealGatewayOptions {
  readonly gateway: ManagedGateway;
  /** Its folder is `<home>/gateways/<id>`. */
  readonly home: string;
  readonly runtime: GatewayRuntime;
  readonly log?: (entry: LogEntry) => void;
}

/** Starts a gateway; its address and token are there at once, its liveness 7 to 20 s later. */
export async function startRealGateway(options: RealGatewayOptions): Promise<RealGateway> {
  const clock = systemClock();
  const vault = memoryVault();
  const { gateway } = options;
  const supervisor = createSupervisor({
    host: createNodeProcessHost({ home: options.home, runtime: options.runtime }),
    vault,
    clock,
    random: systemRandom(),
    logger: createLogger(
      'support.gateway',
      () => clock.wallMs(),
      options.log === undefined ? [] : [options.log],
    ),
  });
  const live = new Promise<void>((resolve, reject) => {
    supervisor.onState(({ state }) => {
      if (state.phase === 'running') resolve();
      if (state.phase === 'failed')
        reject(new Error(`${gateway.id}: ${state.reason}: ${state.detail}`));
      if (state.phase === 'stopped') reject(new Error(`${gateway.id} was stopped`));
    });
  });
  live.catch(() => undefined); // a caller that does not wait for it is not to be ended by it
  await supervisor.start(gateway);
  return {
    url: `ws://127.0.0.1:${gateway.port}`,
    token: vault.entries.get(gatewayTokenName(gateway.id)) ?? '',
    pid: () => {
      const state = supervisor.state(gateway.id);
      return state.phase === 'running' ? state.pid : null;
    },
    live,
    stop: () => supervisor.stopAll(),
  };
}

/** The runtime that SWITCHYARD_NODE and SWITCHYARD_OPENCLAW name; this Node where the first is not set. */
export function runtimeFromEnvironment(): GatewayRuntime {
  return {
    node: process.env.SWITCHYARD_NODE ?? process.execPath,
    openclaw: process.env.SWITCHYARD_OPENCLAW ?? null,
  };
}
