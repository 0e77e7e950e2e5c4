import type { Result } from '../base/index.ts';
import type {
  DeviceKey,
  DeviceToken,
  GatewayEvent,
  GatewayFailure,
  ManagedGateway,
} from './model.ts';

/** One attempt at a connection, from the dial to its end. A wire never dials again: policy is the connection's. */
export interface Wire {
  /** Asks for an answer. Never rejects; `sent` of a failure is exact (see `GatewayFailure`). */
  request(
    method: string,
    params: unknown,
    options: RequestOptions,
  ): Promise<Result<unknown, GatewayFailure>>;
  /** Ends it; `ended` is called if it was not yet. */
  close(): void;
}

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /**
   * Asked in the same turn as the write to the socket, with the peer that the socket leads to; on `false` nothing is
   * written, now or later, and the request fails with `aborted` and `sent: false`. Not asked where nothing can be written.
   */
  readonly mayLeave?: (peer: Peer) => boolean;
}

/** Where a wire leads: what was dialled, and the one certificate that was accepted there (null: the system decided). */
export interface Peer {
  readonly url: string;
  readonly tlsFingerprint: string | null;
}

/** What a wire tells. After `ended`, which comes exactly once, nothing comes any more. */
export interface WireEvents {
  readonly ready: (hello: WireHello) => void;
  readonly event: (event: GatewayEvent) => void;
  readonly deviceTokenIssued: (role: string, token: DeviceToken) => void;
  readonly deviceTokenRejected: (role: string) => void;
  readonly ended: (end: WireEnd) => void;
}

export interface WireHello {
  readonly version: string;
  readonly protocol: number;
  /** The scopes this connection really has, which may be fewer than asked for. */
  readonly scopes: readonly string[];
}

export interface WireEnd {
  /** WebSocket close code; 1006 when no closing frame came. */
  readonly closeCode: number;
  readonly reason: string;
  readonly opened: boolean;
  readonly error: WireError | null;
}

export interface WireError {
  readonly message: string;
  /** The gateway's error code, or the system's (`ECONNREFUSED`). */
  readonly code: string | null;
  /** The gateway's structured details, untrusted. */
  readonly details: unknown;
  /** How long a gateway that is still starting asks to wait; null when it did not say that it is starting. */
  readonly startupRetryMs: number | null;
  readonly retryAfterMs: number | null;
}

/** `tlsFingerprint`: SHA-256 of the one certificate that is accepted; null: the system decides. */
export interface WireOptions extends Peer {
  readonly token: string | null;
  readonly deviceKey: DeviceKey;
  readonly deviceToken: DeviceToken | null;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly capabilities: readonly string[];
  readonly clientVersion: string;
}

export type CreateWire = (options: WireOptions, events: WireEvents) => Wire;

/** Where a connection keeps the device tokens that gateways issue. */
export interface DeviceTokenStore {
  load(role: string): Promise<DeviceToken | null>;
  store(role: string, token: DeviceToken): Promise<void>;
  clear(role: string): Promise<void>;
}

/** A gateway process, ours or adopted from an earlier run of the app. */
export interface HostedProcess {
  readonly pid: number;
  /** Resolves when it has ended, however it did; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Asks it to end (SIGTERM), or ends it (SIGKILL). */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

export interface ProcessExit {
  /** The exit code; null when a signal ended it or when it is not known (an adopted process is nobody's child). */
  readonly code: number | null;
  readonly signal: string | null;
}

/** What the supervisor needs of the machine. Everything here is about one gateway's own folder and port. */
export interface ProcessHost {
  /** What is missing to run a gateway at all, in words; null when nothing is. */
  missingRuntime(): string | null;
  /** Writes the configuration into the gateway's folder. */
  prepare(gateway: ManagedGateway): Promise<void>;
  /** The live process of an earlier run on this folder; `current` tells whether it runs with the present configuration. */
  findRunning(
    gateway: ManagedGateway,
  ): Promise<{ readonly process: HostedProcess; readonly current: boolean } | null>;
  portIsFree(port: number): Promise<boolean>;
  start(gateway: ManagedGateway, token: string): Promise<HostedProcess>;
  /** Runs OpenClaw's own repair of the configuration once; true when it says that it worked. */
  repair(gateway: ManagedGateway, token: string): Promise<boolean>;
  /** Whether the gateway answers its liveness check. */
  isLive(gateway: ManagedGateway): Promise<boolean>;
  /** Where the process writes what it prints, for people. */
  logPath(gatewayId: string): string;
}
