import {
  createLogger,
  systemRandom,
  type Clock,
  type LogEntry,
  type Result,
} from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import type { ConnectionState } from '../../shared/index.ts';
import { createDeviceIdentity } from '../device-identity.node.ts';
import { createConnection, type GatewayConnection } from '../connection.ts';
import { createNodeWire } from '../wire.node.ts';
import { memoryVault } from './memory-vault.ts';

export interface TestConnection {
  readonly connection: GatewayConnection;
  readonly log: readonly LogEntry[];
  readonly vault: ReturnType<typeof memoryVault>;
  setToken(token: string | null): void;
  /** Resolves with the first state, present or future, that fits. */
  reaches<Phase extends ConnectionState['phase']>(
    phase: Phase,
    fits?: (state: Extract<ConnectionState, { phase: Phase }>) => boolean,
  ): Promise<Extract<ConnectionState, { phase: Phase }>>;
}

/** A connection on the real wire with everything else of a test's own. */
export function testConnection(options: {
  readonly url: string;
  readonly token: string | null;
  readonly clock?: Clock;
}): TestConnection {
  const clock = options.clock ?? systemClock();
  const vault = memoryVault();
  const log: LogEntry[] = [];
  const identity = createDeviceIdentity(vault, 'test');
  let token = options.token;
  const connection = createConnection({
    gatewayId: 'test',
    url: options.url,
    credential: () => Promise.resolve(token),
    deviceKey: () => identity.key(),
    deviceToken: identity.tokens,
    scopes: ['operator.read', 'operator.write'],
    capabilities: ['tool-events'],
    clientVersion: '0.0.0-test',
    clock,
    random: systemRandom(),
    logger: createLogger('gateways', () => clock.wallMs(), [(entry) => log.push(entry)]),
    tlsFingerprint: () => Promise.resolve(null),
    createWire: createNodeWire,
  });
  return {
    connection,
    log,
    vault,
    setToken: (next) => {
      token = next;
    },
    reaches: (phase, fits = () => true) =>
      new Promise((resolve) => {
        const look = (state: ConnectionState): void => {
          const candidate = state as Extract<ConnectionState, { phase: typeof phase }>;
          if (state.phase !== phase || !fits(candidate)) return;
          off();
          resolve(candidate);
        };
        const off = connection.onState(look);
        look(connection.state());
      }),
  };
}

/** The value of a result that has to be one. */
export function must<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(`expected a value: ${JSON.stringify(result.error)}`);
  return result.value;
}
