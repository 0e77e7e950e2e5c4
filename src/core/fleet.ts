/**
 * All gateways of the settings: the process of each one that we run, the enrolment of each one behind a portal, and one
 * connection each.
 *
 * Invariants
 * 1. A gateway's fault stays its own: nothing here waits for another gateway.
 * 2. A secret goes only to the address it was given for: it is kept under that address, and another address finds none.
 *    Those of a managed gateway are for our own process, whatever its port.
 * 3. A gateway that a person disconnected is not dialled, nor enrolled, until they connect it again.
 * 4. What a gateway shows is the most telling truth: its process's failure before its connection's.
 */
import { createBackoff, createEmitter, errorText, fail } from '../base/index.ts';
import type { Lifetime, Result } from '../base/index.ts';
import type { Enrolment, PortalFailure } from '../cloud/index.ts';
import { createConnection, gatewayTokenName, peerPin, withProcess } from '../gateways/index.ts';
import type {
  GatewayConfig,
  GatewayConnection,
  GatewayEvent,
  Peer,
  ProcessWatch,
  Supervisor,
} from '../gateways/index.ts';
import type { ConnectionState, GatewayView } from '../shared/index.ts';
import type { PinnedIdentity } from '../trust/index.ts';
import type { CoreOptions } from './model.ts';
import { withdrawToken } from './withdraw-token.ts';

export interface Fleet {
  views(): readonly GatewayView[];
  connection(gatewayId: string): GatewayConnection | undefined;
  onChange(listener: () => void): () => void;
  onReady(listener: (gatewayId: string) => void): () => void;
  onEvent(listener: (gatewayId: string, event: GatewayEvent) => void): () => void;
  start(): void;
  /** One more gateway; begins at once if the others have. */
  add(config: GatewayConfig): void;
  /** Ends the process of a gateway that we run and starts it again, as the settings want it now. */
  restart(gatewayId: string): Promise<void>;
  reconnect(gatewayId: string): void;
  startProcess(gatewayId: string): void;
  /** Keeps the token for the address the gateway has now; there is nothing to keep it for before a portal named one. */
  enterToken(gatewayId: string, token: string): Promise<void>;
  /** The token to give to the guardian. */
  token(gatewayId: string): Promise<string | null>;
  /** Whose key is of which domain, as the settings say; a gateway whose address is not known yet has none. */
  identities(): readonly (PinnedIdentity & { readonly gatewayId: string })[];
  /** The key of the peer that a connection of this gateway leads to. */
  pinOf(gatewayId: string, peer: Peer): string | null;
  /** Closes the connection and forgets what it was made with (invariant 3); answers whether the gateway withdrew its token. */
  disconnect(gatewayId: string): Promise<Result<null, string>>;
}

export interface FleetOptions extends Pick<
  CoreOptions,
  | 'vault'
  | 'supervisor'
  | 'createWire'
  | 'certificate'
  | 'identity'
  | 'enrol'
  | 'version'
  | 'clock'
  | 'random'
  | 'logger'
  | 't'
> {
  readonly gateways: readonly GatewayConfig[];
  /** Whether a gateway that we run now serves other computers too, and therefore with TLS. */
  readonly isExposed: (gatewayId: string) => boolean;
  readonly isDisconnected: (gatewayId: string) => boolean;
  readonly lifetime: Lifetime;
}

const scopes = ['operator.read', 'operator.write'];
/** What a gateway asks of those who withdraw a token, even their own. */
const withdrawScopes = [...scopes, 'operator.pairing'];

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

  const address = (config: GatewayConfig): string => {
    if (config.kind === 'managed')
      return `${options.isExposed(config.id) ? 'wss' : 'ws'}://127.0.0.1:${config.port}`;
    return config.kind === 'remote' ? config.url : config.portal;
  };
  const fingerprint = (config: GatewayConfig): Promise<string | null> => {
    if (config.kind === 'managed' && options.isExposed(config.id))
      return options.certificate(config.id);
    return Promise.resolve(config.kind === 'remote' ? (config.tlsFingerprint ?? null) : null);
  };

  const connectionTo = (
    config: GatewayConfig,
    url: string,
    wanted: readonly string[],
  ): GatewayConnection => {
    const { id, domain, kind } = config;
    const pinnedTo = kind === 'managed' ? undefined : url; // invariant 2
    const identity = options.identity(id, pinnedTo);
    return createConnection({
      gatewayId: id,
      url,
      tlsFingerprint: () => fingerprint(config),
      credential: () => vault.get(gatewayTokenName(id, pinnedTo)),
      deviceKey: () => identity.key(),
      deviceToken: identity.tokens,
      scopes: wanted,
      // A gateway outside the personal domain is only shown: nothing it could make this app do is switched on.
      capabilities: domain === 'personal' ? ['tool-events'] : [],
      clientVersion: options.version,
      clock,
      random: options.random,
      logger: options.logger.child(id),
      createWire: options.createWire,
    });
  };

  const connect = (member: Member, url: string): void => {
    const { id, kind } = member.config;
    member.connection?.stop();
    member.address = url;
    member.obstacle = null;
    const direct = connectionTo(member.config, url, scopes);
    const connection =
      kind === 'managed' ? withProcess(direct, watchProcess(options.supervisor, id)) : direct;
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

  /** Never rejects: a fault of ours is one more thing that may pass by itself. */
  const enrolAndKeep = async (
    gatewayId: string,
    portal: string,
    code: string | null,
  ): Promise<Result<Enrolment, PortalFailure>> => {
    try {
      const enrolled = await options.enrol(portal, code);
      if (enrolled.ok && !options.isDisconnected(gatewayId)) {
        const { token, url } = enrolled.value;
        await vault.set(gatewayTokenName(gatewayId, url), token); // invariant 2
      }
      return enrolled;
    } catch (error) {
      options.logger.error('the enrolment failed', { gateway: gatewayId, error: errorText(error) });
      return fail({ kind: 'unreachable', detail: 'the enrolment failed; the log says why' });
    }
  };

  const beginEnrolment = (member: Member, portal: string, code: string | null): void => {
    const backoff = createBackoff(
      { firstMs: 1_000, maxMs: 30_000, factor: 2, resetAfterUptimeMs: 30_000 },
      options.random,
    );
    let cancel = (): void => undefined;
    let underWay = false;
    const attempt = async (): Promise<void> => {
      if (underWay || options.isDisconnected(member.config.id)) return; // a code may be good for one time only
      underWay = true;
      cancel();
      member.obstacle = { phase: 'starting', sinceMs: clock.wallMs(), step: 'connecting' };
      changed();
      const enrolled = await enrolAndKeep(member.config.id, portal, code);
      underWay = false;
      if (lifetime.signal.aborted || options.isDisconnected(member.config.id)) return;
      if (enrolled.ok) {
        connect(member, enrolled.value.url);
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

  let started = false;
  const begin = (member: Member): void => {
    if (member.config.kind === 'managed') void options.supervisor.start(member.config);
    dial(member);
  };
  const dial = (member: Member): void => {
    if (options.isDisconnected(member.config.id)) part(member);
    else member.begin();
  };
  /** Invariant 3. */
  const part = (member: Member): void => {
    member.connection?.stop();
    member.connection = undefined;
    member.obstacle = {
      phase: 'refused',
      sinceMs: clock.wallMs(),
      reason: 'other',
      detail: options.t('trust.disconnected'),
    };
    changed();
  };
  const add = (config: GatewayConfig): void => {
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
        connect(member, address(config));
      };
    }
    members.set(config.id, member);
    if (started) begin(member);
  };
  for (const config of options.gateways) add(config);
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
      started = true;
      for (const member of members.values()) begin(member);
    },
    add: (config) => {
      add(config);
      changed();
    },
    restart: async (gatewayId) => {
      const member = members.get(gatewayId);
      if (member?.config.kind !== 'managed' || !started) return;
      await options.supervisor.stop(gatewayId);
      if (member.address !== address(member.config)) dial(member);
      await options.supervisor.start(member.config);
    },
    reconnect: (gatewayId) => {
      const member = members.get(gatewayId);
      if (member === undefined || options.isDisconnected(gatewayId)) return;
      if (member.obstacle === null) member.connection?.reconnectNow();
      else member.begin();
    },
    startProcess: (gatewayId) => {
      const member = members.get(gatewayId);
      if (member?.config.kind === 'managed') void options.supervisor.start(member.config);
    },
    enterToken: async (gatewayId, token) => {
      const member = members.get(gatewayId);
      const name = member === undefined ? null : tokenName(member);
      if (name === null) return;
      await vault.set(name, token);
      member?.connection?.credentialChanged();
    },
    token: (gatewayId) => {
      const member = members.get(gatewayId);
      const name = member === undefined ? null : tokenName(member);
      return name === null ? Promise.resolve(null) : vault.get(name);
    },
    identities: () =>
      [...members.values()].flatMap(({ config, address }) => {
        const { id: gatewayId, domain } = config;
        const tlsFingerprint = config.kind === 'remote' ? (config.tlsFingerprint ?? null) : null;
        // The port of a process of ours is in the roster too, so that no other domain can claim it.
        const pin = config.kind === 'managed' ? ownPin(gatewayId) : null;
        const pins = [pin, peerPin({ url: address, tlsFingerprint })];
        return pins.flatMap((known) => (known === null ? [] : [{ gatewayId, domain, pin: known }]));
      }),
    pinOf: (gatewayId, peer) =>
      members.get(gatewayId)?.config.kind === 'managed' ? ownPin(gatewayId) : peerPin(peer),
    disconnect: async (gatewayId) => {
      const member = members.get(gatewayId);
      if (member === undefined) return fail(options.t('trust.not-connected'));
      const { config, address, connection } = member;
      const ours = config.kind === 'managed';
      const identity = options.identity(gatewayId, ours ? undefined : address);
      const isConnected = connection?.state().phase === 'ready';
      const token = tokenName(member);
      part(member);
      const withdrawn = isConnected
        ? await withdrawToken({
            connection: connectionTo(config, address, withdrawScopes),
            deviceId: (await identity.key()).deviceId,
            clock,
            t: options.t,
          })
        : fail(options.t('trust.not-connected'));
      await identity.forget();
      // The token of a process of ours is how it is started; it is nobody's who could take it back.
      if (token !== null && !ours) await vault.delete(token);
      return withdrawn;
    },
  };
}

/** Where a gateway's token is in the vault; null while its portal has not told the address it would be for. */
function tokenName({ config, address, connection }: Member): string | null {
  if (config.kind === 'managed') return gatewayTokenName(config.id);
  if (config.kind === 'portal' && connection === undefined) return null;
  return gatewayTokenName(config.id, address);
}

/** A process of ours is known by its name: its connection is dialled only while it runs, with a token of its own. */
function ownPin(gatewayId: string): string {
  return `process:${gatewayId}`;
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
