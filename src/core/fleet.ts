/**
 * All gateways of the settings: the process of each one that we run, the enrolment of each one behind a portal, and one
 * connection each.
 *
 * Invariants
 * 1. A gateway's fault stays its own: nothing here waits for another gateway.
 * 2. A token goes to the address it was given for: a portal's token is kept with the address the same answer named.
 * 3. What a gateway shows is the most telling truth: its process's failure before its connection's.
 */
import { createBackoff, createEmitter } from '../base/index.ts';
import type { Lifetime } from '../base/index.ts';
import { createConnection, gatewayTokenName, withProcess } from '../gateways/index.ts';
import type {
  GatewayConfig,
  GatewayConnection,
  GatewayEvent,
  ProcessWatch,
  Supervisor,
} from '../gateways/index.ts';
import type { ConnectionState, GatewayView } from '../shared/index.ts';
import type { CoreOptions } from './model.ts';

export interface Fleet {
  views(): readonly GatewayView[];
  connection(gatewayId: string): GatewayConnection | undefined;
  onChange(listener: () => void): () => void;
  onReady(listener: (gatewayId: string) => void): () => void;
  onEvent(listener: (gatewayId: string, event: GatewayEvent) => void): () => void;
  start(): void;
  reconnect(gatewayId: string): void;
  startProcess(gatewayId: string): void;
  enterToken(gatewayId: string, token: string): Promise<void>;
  /** The token to give to the guardian. */
  token(gatewayId: string): Promise<string | null>;
}

export interface FleetOptions extends Pick<
  CoreOptions,
  | 'vault'
  | 'supervisor'
  | 'createWire'
  | 'identity'
  | 'enrol'
  | 'version'
  | 'clock'
  | 'random'
  | 'logger'
> {
  readonly gateways: readonly GatewayConfig[];
  readonly lifetime: Lifetime;
}

const scopes = ['operator.read', 'operator.write'];

interface Member {
  readonly config: GatewayConfig;
  connection: GatewayConnection | undefined;
  address: string;
  /** What stands in the way of a connection, where something does. */
  obstacle: ConnectionState | null;
  /** The dial of a portal's gateway, to be done again. */
  begin: () => void;
}

/** Makes the fleet; nothing is started or dialled before `start`. */
export function createFleet(options: FleetOptions): Fleet {
  const { clock, vault, lifetime } = options;
  const changes = createEmitter<undefined>();
  const readies = createEmitter<string>();
  const events = createEmitter<{ readonly gatewayId: string; readonly event: GatewayEvent }>();
  const members = new Map<string, Member>();
  const changed = (): void => {
    changes.emit(undefined);
  };

  const connect = (member: Member, url: string): void => {
    const { id, domain } = member.config;
    member.connection?.stop();
    member.address = url;
    const identity = options.identity(id);
    const direct = createConnection({
      gatewayId: id,
      url,
      credential: () => vault.get(gatewayTokenName(id)),
      deviceKey: () => identity.key(),
      deviceToken: identity.tokens,
      scopes,
      // A gateway outside the personal domain is only shown: nothing it could make this app do is switched on.
      capabilities: domain === 'personal' ? ['tool-events'] : [],
      clientVersion: options.version,
      clock,
      random: options.random,
      logger: options.logger.child(id),
      createWire: options.createWire,
    });
    const connection =
      member.config.kind === 'managed'
        ? withProcess(direct, watchProcess(options.supervisor, id))
        : direct;
    connection.onState(changed);
    connection.onReady(() => {
      readies.emit(id);
    });
    connection.onEvent((event) => {
      events.emit({ gatewayId: id, event });
    });
    member.connection = connection;
    connection.start();
    changed();
  };

  const beginEnrolment = (member: Member, portal: string, code: string | null): void => {
    const backoff = createBackoff(
      { firstMs: 1_000, maxMs: 30_000, factor: 2, resetAfterUptimeMs: 30_000 },
      options.random,
    );
    let cancel = (): void => undefined;
    const attempt = async (): Promise<void> => {
      cancel();
      member.obstacle = { phase: 'starting', sinceMs: clock.wallMs(), step: 'connecting' };
      changed();
      const enrolled = await options.enrol(portal, code);
      if (lifetime.signal.aborted) return;
      if (enrolled.ok) {
        await vault.set(gatewayTokenName(member.config.id), enrolled.value.token);
        member.obstacle = null;
        connect(member, enrolled.value.url); // invariant 2
        return;
      }
      const { kind, detail } = enrolled.error;
      if (kind === 'refused') {
        member.obstacle = {
          phase: 'refused',
          sinceMs: clock.wallMs(),
          reason: 'signed-out',
          detail,
        };
      } else {
        const delayMs = backoff.nextDelayMs();
        cancel = clock.after(delayMs, () => void attempt());
        member.obstacle = {
          phase: 'offline',
          sinceMs: clock.wallMs(),
          reason: 'portal',
          detail,
          retryAtMs: clock.wallMs() + delayMs,
        };
      }
      changed();
    };
    member.begin = () => void attempt();
    lifetime.add(() => {
      cancel();
    });
  };

  for (const config of options.gateways) {
    const member: Member = {
      config,
      connection: undefined,
      address: address(config),
      obstacle: null,
      begin: () => undefined,
    };
    if (config.kind === 'portal') beginEnrolment(member, config.portal, config.code ?? null);
    else {
      member.begin = () => {
        connect(member, config.kind === 'managed' ? managedUrl(config.port) : config.url);
      };
    }
    members.set(config.id, member);
  }
  lifetime.add(() => {
    for (const member of members.values()) member.connection?.stop();
  });

  return {
    views: () =>
      [...members.values()].map(({ config, ...member }) => ({
        id: config.id,
        name: config.name,
        domain: config.domain,
        kind: config.kind,
        address: member.address,
        state: stateOf(member),
      })),
    connection: (gatewayId) => members.get(gatewayId)?.connection,
    onChange: (listener) => changes.on(listener),
    onReady: readies.on,
    onEvent: (listener) =>
      events.on(({ gatewayId, event }) => {
        listener(gatewayId, event);
      }),
    start: () => {
      for (const member of members.values()) {
        if (member.config.kind === 'managed') void options.supervisor.start(member.config);
        member.begin();
      }
    },
    reconnect: (gatewayId) => {
      const member = members.get(gatewayId);
      if (member?.obstacle === null) member.connection?.reconnectNow();
      else member?.begin();
    },
    startProcess: (gatewayId) => {
      const member = members.get(gatewayId);
      if (member?.config.kind === 'managed') void options.supervisor.start(member.config);
    },
    enterToken: async (gatewayId, token) => {
      await vault.set(gatewayTokenName(gatewayId), token);
      members.get(gatewayId)?.connection?.credentialChanged();
    },
    token: (gatewayId) => vault.get(gatewayTokenName(gatewayId)),
  };
}

function stateOf(member: Pick<Member, 'connection' | 'obstacle'>): ConnectionState {
  return (
    member.obstacle ??
    member.connection?.state() ?? {
      phase: 'offline',
      sinceMs: 0,
      reason: 'stopped',
      detail: '',
      retryAtMs: null,
    }
  );
}

/** One gateway's part of what the supervisor tells. */
function watchProcess(supervisor: Supervisor, gatewayId: string): ProcessWatch {
  return {
    state: () => supervisor.state(gatewayId),
    onState: (listener) =>
      supervisor.onState((change) => {
        if (change.gatewayId === gatewayId) listener(change.state);
      }),
  };
}

function managedUrl(port: number): string {
  return `ws://127.0.0.1:${port}`;
}

function address(config: GatewayConfig): string {
  if (config.kind === 'managed') return managedUrl(config.port);
  return config.kind === 'remote' ? config.url : config.portal;
}
