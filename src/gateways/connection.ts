/**
 * The connection to one gateway: dials, tells its state apart, dials again.
 *
 * Every attempt is a fresh wire. The official client has a reconnect loop of its own, but it reports neither when it
 * will try again nor stops for what only a person can change, so its loop is never used.
 *
 * Invariants
 * 1. At most one wire lives at a time; what an older one still tells is ignored (`attempt` numbers them).
 * 2. `ready` is only reached with every scope that was asked for.
 * 3. What only a person can change (token, scopes, version, device, address) is not retried; it waits for
 *    `credentialChanged` or `reconnectNow`. Pairing is polled, because approval happens elsewhere.
 * 4. Every `offline` and `pairing` that goes on by itself has exactly one timer; `stop` leaves none.
 * 5. No request waits for a later wire: it is written at once or fails. One that did not leave says so (`sent: false`);
 *    one that may have left never claims that it did not.
 * 6. The backoff starts anew only after the connection was up for 30 s.
 * 7. A gateway that announced its end and does not close is dialled anew after `restartPatienceMs`.
 */
import { createBackoff, createEmitter, errorText, fail } from '../base/index.ts';
import type { Clock, Logger, Random, Result } from '../base/index.ts';
import type { ConnectionState } from '../shared/index.ts';
import { classifyEnd, endWords } from './classify-end.ts';
import type { DeviceKey, DeviceToken, GatewayEvent, GatewayFailure } from './model.ts';
import type {
  CreateWire,
  DeviceTokenStore,
  RequestOptions,
  Wire,
  WireEnd,
  WireHello,
} from './ports.ts';
import { checkGatewayUrl, isLoopbackHost } from './url.ts';

export interface ConnectionOptions {
  readonly gatewayId: string;
  readonly url: string;
  /** SHA-256 of the one certificate that it may show; null: the system decides. Asked for before every attempt. */
  readonly tlsFingerprint: () => Promise<string | null>;
  /** The shared token as it is now, or null when there is none; asked for before every attempt. */
  readonly credential: () => Promise<string | null>;
  readonly deviceKey: () => Promise<DeviceKey>;
  readonly deviceToken: DeviceTokenStore;
  readonly scopes: readonly string[];
  /** Optional behaviours this app can take part in; none for a gateway that is only to be shown. */
  readonly capabilities: readonly string[];
  readonly clientVersion: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly createWire: CreateWire;
}

export interface GatewayConnection {
  readonly gatewayId: string;
  state(): ConnectionState;
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Every event frame of the gateway, as it came. */
  onEvent(listener: (event: GatewayEvent) => void): () => void;
  /** Each time the connection becomes ready: subscriptions and history have to be asked for again. */
  onReady(listener: () => void): () => void;
  /** Asks the gateway; `timeoutMs` is 30 s unless told. Never rejects. */
  request(
    method: string,
    params: unknown,
    options?: Partial<RequestOptions>,
  ): Promise<Result<unknown, GatewayFailure>>;
  start(): void;
  stop(): void;
  /** Tries at once, unless its state is `ready`. */
  reconnectNow(): void;
  /** Drops what runs on the old token and connects with the new one. */
  credentialChanged(): void;
}

const role = 'operator';
const requestTimeoutMs = 30_000;
const pairingPollMs = 4_000;
const restartPatienceMs = 60_000;

/** Makes a stopped connection. */
export function createConnection(options: ConnectionOptions): GatewayConnection {
  const { clock, logger } = options;
  const backoff = createBackoff(
    {
      firstMs: 1_000,
      maxMs: reconnectLimitMs(options.url),
      factor: 2,
      resetAfterUptimeMs: 30_000,
    },
    options.random,
  );
  const states = createEmitter<ConnectionState>();
  const events = createEmitter<GatewayEvent>();
  const readies = createEmitter<undefined>();
  let state: ConnectionState = {
    phase: 'offline',
    sinceMs: clock.wallMs(),
    reason: 'stopped',
    detail: '',
    retryAtMs: null,
  };
  let wanted = false;
  let attempt = 0;
  let wire: Wire | null = null;
  let readySinceBootMs: number | null = null;
  let drainedAtBootMs: number | null = null;
  let cancelRetry: () => void = () => undefined;

  function enter(next: Unstamped): void {
    const same = next.phase === state.phase && subPhase(next) === subPhase(state);
    state = { ...next, sinceMs: same ? state.sinceMs : clock.wallMs() };
    if (!same) logger.info('state', { phase: state.phase, detail: subPhase(state) });
    states.emit(state);
  }

  function retryIn(delayMs: number): number {
    const wholeMs = Math.round(delayMs);
    cancelRetry();
    cancelRetry = clock.after(wholeMs, () => void dial());
    return clock.wallMs() + wholeMs;
  }

  /** Forgets the present attempt (invariant 1) and its timer. */
  function abandon(): number {
    cancelRetry();
    const old = wire;
    wire = null;
    readySinceBootMs = null;
    attempt += 1;
    old?.close();
    return attempt;
  }

  async function dial(): Promise<void> {
    const mine = abandon();
    const url = checkGatewayUrl(options.url);
    if (!url.ok) {
      enter({ phase: 'offline', reason: 'bad-url', detail: url.error, retryAtMs: null });
      return;
    }
    let secrets: readonly [string | null, DeviceKey, DeviceToken | null, string | null];
    try {
      secrets = await Promise.all([
        options.credential(),
        options.deviceKey(),
        options.deviceToken.load(role),
        options.tlsFingerprint(),
      ]);
    } catch (error) {
      if (mine !== attempt) return;
      logger.error('the vault failed', { error: errorText(error) });
      enter({ phase: 'refused', reason: 'other', detail: 'the keyring could not be read' });
      return;
    }
    if (mine !== attempt) return;
    const [token, deviceKey, deviceToken, tlsFingerprint] = secrets;
    wire = options.createWire(
      {
        url: options.url,
        tlsFingerprint,
        token,
        deviceKey,
        deviceToken,
        role,
        scopes: options.scopes,
        capabilities: options.capabilities,
        clientVersion: options.clientVersion,
      },
      {
        ready: (hello) => {
          if (mine === attempt) becameReady(hello);
        },
        event: (event) => {
          if (mine === attempt) received(event);
        },
        deviceTokenIssued: (issuedRole, issued) => {
          keep(options.deviceToken.store(issuedRole, issued));
        },
        deviceTokenRejected: (rejectedRole) => {
          keep(options.deviceToken.clear(rejectedRole));
        },
        ended: (end) => {
          if (mine === attempt) ended(end);
        },
      },
    );
    if (mine !== attempt) wire = null; // it ended before it was handed over
  }

  function keep(writing: Promise<void>): void {
    writing.catch((error: unknown) => {
      logger.warn('the device token could not be kept', { error: errorText(error) });
    });
  }

  function becameReady(hello: WireHello): void {
    const granted = new Set(hello.scopes);
    const missing = granted.has('operator.admin')
      ? []
      : options.scopes.filter((scope) => !granted.has(scope));
    if (missing.length > 0) {
      abandon();
      enter({ phase: 'refused', reason: 'scopes', detail: `without ${missing.join(' and ')}` }); // invariant 2
      return;
    }
    readySinceBootMs = clock.bootMs();
    drainedAtBootMs = null;
    enter({ phase: 'ready', version: hello.version, scopes: hello.scopes });
    readies.emit(undefined);
  }

  function received(event: GatewayEvent): void {
    if (event.event === 'shutdown') {
      if (state.phase !== 'draining') awaitClose();
      enter({ phase: 'draining', restartExpected: expectsRestart(event.payload) });
    }
    events.emit(event);
  }

  /** Invariant 7. Announcing it again does not win time. */
  function awaitClose(): void {
    const mine = attempt;
    drainedAtBootMs = clock.bootMs();
    cancelRetry();
    cancelRetry = clock.after(restartPatienceMs, () => {
      if (mine === attempt) dialAnnounced();
    });
  }

  function ended(end: WireEnd): void {
    wire = null;
    const upSince = readySinceBootMs;
    readySinceBootMs = null;
    attempt += 1;
    if (upSince !== null) {
      backoff.wasUpForMs(clock.bootMs() - upSince);
      lost(endWords(end));
      return;
    }
    const outcome = classifyEnd(end, options.url);
    switch (outcome.kind) {
      case 'starting':
        retryIn(outcome.retryMs);
        enter({ phase: 'starting', step: 'connecting' });
        return;
      case 'pairing':
        retryIn(pairingPollMs);
        enter({ phase: 'pairing', requestId: outcome.requestId });
        return;
      case 'refused':
        if (outcome.retryMs !== null) retryIn(outcome.retryMs);
        enter({ phase: 'refused', reason: outcome.reason, detail: outcome.detail });
        return;
      case 'offline':
        if (state.phase === 'draining' && state.restartExpected) lost(outcome.detail);
        else
          enter({
            phase: 'offline',
            reason: outcome.reason,
            detail: outcome.detail,
            retryAtMs: retryIn(backoff.nextDelayMs()),
          });
    }
  }

  /** After a close that was announced as a restart it stays `draining` until it is back, within reason. */
  function lost(detail: string): void {
    const retryAtMs = retryIn(backoff.nextDelayMs());
    const waits =
      state.phase === 'draining' &&
      state.restartExpected &&
      drainedAtBootMs !== null &&
      clock.bootMs() - drainedAtBootMs < restartPatienceMs;
    if (waits) return;
    enter({
      phase: 'offline',
      reason: 'closed',
      detail: state.phase === 'draining' ? 'the gateway shut down' : detail,
      retryAtMs,
    });
  }

  function dialAnnounced(): void {
    enter({ phase: 'starting', step: 'connecting' });
    void dial();
  }

  return {
    gatewayId: options.gatewayId,
    state: () => state,
    onState: (listener) => states.on(listener),
    onEvent: (listener) => events.on(listener),
    onReady: (listener) => readies.on(listener),
    request: (method, params, requestOptions = {}) => {
      if (wire === null || readySinceBootMs === null) return Promise.resolve(fail(notConnected));
      return wire.request(method, params, { timeoutMs: requestTimeoutMs, ...requestOptions });
    },
    start: () => {
      if (wanted) return;
      wanted = true;
      dialAnnounced();
    },
    stop: () => {
      wanted = false;
      abandon();
      enter({ phase: 'offline', reason: 'stopped', detail: '', retryAtMs: null });
    },
    reconnectNow: () => {
      if (wanted && state.phase !== 'ready') dialAnnounced();
    },
    credentialChanged: () => {
      if (wanted) dialAnnounced();
    },
  };
}

/** The longest wait between two tries. Knocking on this machine costs nothing, and what is starting there is wanted soon. */
export function reconnectLimitMs(address: string): number {
  const url = checkGatewayUrl(address);
  return url.ok && isLoopbackHost(url.value.hostname) ? 5_000 : 30_000;
}

const notConnected: GatewayFailure = {
  kind: 'offline',
  sent: false,
  code: 'NOT_CONNECTED',
  message: 'The gateway is not connected.',
  retryable: true,
};

type Unstamped = ConnectionState extends infer State
  ? State extends ConnectionState
    ? Omit<State, 'sinceMs'>
    : never
  : never;

function subPhase(state: Unstamped): string {
  switch (state.phase) {
    case 'starting':
      return state.step;
    case 'refused':
    case 'offline':
      return state.reason;
    case 'draining':
      return state.restartExpected ? 'restart' : 'stop';
    case 'ready':
    case 'pairing':
      return '';
  }
}

function expectsRestart(payload: unknown): boolean {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'restartExpectedMs' in payload &&
    typeof payload.restartExpectedMs === 'number'
  );
}
