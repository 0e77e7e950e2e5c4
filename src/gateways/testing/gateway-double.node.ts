/**
 * A gateway in miniature for tests: the handshake, sessions and chat of the real one, with switches for its faults.
 * `double.contract.test.ts` holds it to the real gateway; a test that needs more than this needs the real one.
 *
 * Invariants
 * 1. What the real gateway would refuse in the handshake (signature, nonce, token, protocol) is refused with the same codes.
 * 2. One idempotency key is one run: sent again it answers with the run's state and records nothing.
 */
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { buildDeviceAuthPayloadV3 } from '@openclaw/gateway-client';
import { WebSocketServer, type WebSocket } from 'ws';

import { createDoubleChat, type ChatBehaviour } from './double-chat.ts';
import { hostilePayload, inventedEvents, knownEvents } from './event-families.ts';

export type HandshakeMode =
  'normal' | 'pairing' | 'starting' | 'no-scopes' | 'other-protocol' | 'silent';

export interface GatewayDouble {
  readonly url: string;
  readonly port: number;
  /** Every request that came, `connect` included, in order. */
  readonly requests: readonly {
    readonly method: string;
    readonly params: Readonly<Record<string, unknown>>;
  }[];
  /** Texts that reached the model, in order. */
  readonly prompts: readonly string[];
  connectionCount(): number;
  handshake(mode: HandshakeMode): void;
  /** What the next and later messages meet. */
  behave(behaviour: ChatBehaviour): void;
  setToken(token: string): void;
  /** Sends an event frame to every connection. */
  emit(event: string, payload: unknown): void;
  /** Sends every known and some invented event family `count` times each; resolves to the number of frames once written. */
  flood(count: number, sessionKey?: string): Promise<number>;
  /** Announces the end as the real one does, then closes with 1012. */
  shutdown(options?: { readonly restartExpectedMs?: number }): void;
  /** Cuts every connection without a closing frame, as kill -9 does. */
  drop(): void;
  /** Resolves when a request of this method has come (also if it came before). */
  waitForRequest(method: string): Promise<void>;
  stop(): Promise<void>;
}

export interface GatewayDoubleOptions {
  readonly token: string;
  /** 0, a free one, unless told. */
  readonly port?: number;
  /** Loopback unless told. */
  readonly host?: string;
  /** What its model answers; the text back unless told. */
  readonly answer?: (text: string) => string;
  /** Methods that a plugin adds. What `handle` throws is told to the caller. */
  readonly methods?: Readonly<Record<string, DoubleMethod>>;
  /** Whether a run without a session may ask its model; every one may unless told. */
  readonly mayRun?: (runId: string) => boolean;
  /** Awaited before each request but the handshake is handled: a slow gateway. */
  readonly pause?: () => Promise<void>;
}

export interface DoubleMethod {
  readonly scope: string;
  readonly handle: (params: Readonly<Record<string, unknown>>) => unknown;
}

interface Peer {
  readonly socket: WebSocket;
  readonly nonce: string;
  ready: boolean;
  scopes: readonly string[];
  readonly watched: Set<string>;
}

/** A flood waits for its receivers here, as TCP makes a real one wait. */
const floodBufferBytes = 1_000_000;
const writeMethods = new Set(['chat.send', 'chat.abort', 'agent']);
const readMethods = new Set([
  'health',
  'sessions.list',
  'sessions.subscribe',
  'sessions.messages.subscribe',
  'chat.history',
  'agent.wait',
]);

/** What the real one does not know it wants `operator.admin` for as well. */
function scopeFor(method: string): string {
  if (readMethods.has(method)) return 'operator.read';
  return writeMethods.has(method) ? 'operator.write' : 'operator.admin';
}

/** Starts a double on loopback. */
export async function startGatewayDouble(options: GatewayDoubleOptions): Promise<GatewayDouble> {
  let token = options.token;
  let mode: HandshakeMode = 'normal';
  const peers = new Set<Peer>();
  const requests: { method: string; params: Record<string, unknown> }[] = [];
  const waiting: { method: string; run: () => void }[] = [];
  let connectionCount = 0;

  const http = createServer((request, response) => {
    const draining = mode === 'starting';
    if (request.url === '/healthz') response.end(JSON.stringify({ ok: true, status: 'live' }));
    else if (request.url === '/readyz')
      response
        .writeHead(draining ? 503 : 200)
        .end(JSON.stringify({ ready: !draining, failing: [] }));
    else response.writeHead(404).end();
  });
  const server = new WebSocketServer({ server: http });

  const send = (peer: Peer, frame: object): void => {
    if (peer.socket.readyState === peer.socket.OPEN) peer.socket.send(JSON.stringify(frame));
  };
  const broadcast = (
    event: string,
    payload: unknown,
    to: (peer: Peer) => boolean = () => true,
  ): void => {
    for (const peer of peers)
      if (peer.ready && to(peer)) send(peer, { type: 'event', event, payload });
  };
  const chat = createDoubleChat({
    answer: options.answer ?? ((text) => `Echo: ${text}`),
    mayRun: options.mayRun ?? (() => true),
    newId: randomUUID,
    nowMs: Date.now,
    emit: broadcast,
    emitToWatchers: (sessionKey, event, payload) => {
      broadcast(event, payload, (peer) => peer.watched.has(sessionKey));
    },
    drop,
  });

  function drop(): void {
    for (const peer of peers) peer.socket.terminate();
  }

  server.on('connection', (socket) => {
    connectionCount += 1;
    const peer: Peer = {
      socket,
      nonce: randomUUID(),
      ready: false,
      scopes: [],
      watched: new Set(),
    };
    peers.add(peer);
    socket.on('close', () => peers.delete(peer));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: Buffer) => {
      void receive(
        peer,
        JSON.parse(data.toString('utf8')) as {
          id: string;
          method: string;
          params?: Record<string, unknown>;
        },
      );
    });
    if (mode !== 'silent')
      send(peer, {
        type: 'event',
        event: 'connect.challenge',
        payload: { nonce: peer.nonce, ts: Date.now() },
      });
  });

  async function receive(
    peer: Peer,
    frame: { id: string; method: string; params?: Record<string, unknown> },
  ): Promise<void> {
    const params = frame.params ?? {};
    requests.push({ method: frame.method, params });
    for (const waiter of waiting.filter((candidate) => candidate.method === frame.method))
      waiter.run();
    const reply = (payload: unknown): void => {
      send(peer, { type: 'res', id: frame.id, ok: true, payload });
    };
    const refuse = (error: ErrorFrame): void => {
      send(peer, { type: 'res', id: frame.id, ok: false, error });
    };
    if (frame.method === 'connect') {
      connect(peer, params, reply, refuse);
      return;
    }
    if (!peer.ready) {
      peer.socket.close(1008, 'connect first');
      return;
    }
    await options.pause?.();
    const added = options.methods?.[frame.method];
    const scope = added?.scope ?? scopeFor(frame.method);
    if (!peer.scopes.includes(scope)) {
      const details = { code: 'MISSING_SCOPE', missingScope: scope, requiredScopes: [scope] };
      refuse({ code: 'FORBIDDEN', message: `missing scope: ${scope}`, details, retryable: false });
      return;
    }
    if (added !== undefined) {
      try {
        reply(await added.handle(params));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        refuse({ code: 'UNAVAILABLE', message, retryable: false });
      }
      return;
    }
    if (frame.method === 'sessions.messages.subscribe') {
      peer.watched.add(String(params.key));
      reply({ subscribed: true, key: params.key });
      return;
    }
    if (!readMethods.has(frame.method) && !writeMethods.has(frame.method)) {
      refuse({
        code: 'INVALID_REQUEST',
        message: `unknown method: ${frame.method}`,
        retryable: false,
      });
      return;
    }
    const answer = await chat.handle(frame.method, params, reply);
    if (answer.kind === 'reply') reply(answer.payload);
    else if (answer.kind === 'refuse') refuse(answer.error);
  }

  function connect(
    peer: Peer,
    params: Record<string, unknown>,
    reply: (payload: unknown) => void,
    refuse: (error: ErrorFrame) => void,
  ): void {
    const refusal = refusalOf(params as unknown as ConnectParams, peer, token, mode);
    if (refusal !== null) {
      refuse(refusal.error);
      peer.socket.close(refusal.closeCode, refusal.error.message.slice(0, 120));
      return;
    }
    const connectParams = params as unknown as ConnectParams;
    peer.ready = true;
    peer.scopes = mode === 'no-scopes' ? [] : connectParams.scopes;
    reply({
      type: 'hello-ok',
      protocol: 4,
      server: { version: '2026.9.6-double', connId: randomUUID() },
      features: { methods: [], events: knownEvents },
      snapshot: {},
      auth: {
        method: 'token',
        role: connectParams.role,
        scopes: peer.scopes,
        deviceToken: `device-${connectParams.device?.id.slice(0, 8) ?? ''}`,
      },
      policy: { maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 },
    });
  }

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;

  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    requests,
    prompts: chat.prompts,
    connectionCount: () => connectionCount,
    handshake: (next) => {
      mode = next;
    },
    behave: (behaviour) => {
      chat.behave(behaviour);
    },
    setToken: (next) => {
      token = next;
    },
    emit: (event, payload) => {
      broadcast(event, payload);
    },
    flood: async (count, sessionKey = 'agent:main:main') => {
      const names = [...knownEvents, ...inventedEvents];
      for (let index = 0; index < count; index += 1) {
        for (const name of names) broadcast(name, hostilePayload(sessionKey, index));
        do await new Promise((resolve) => setImmediate(resolve));
        while ([...peers].some(({ socket }) => socket.bufferedAmount > floodBufferBytes));
      }
      return count * names.length;
    },
    shutdown: (shutdownOptions = {}) => {
      broadcast('shutdown', { reason: 'test', ...shutdownOptions });
      for (const peer of peers) peer.socket.close(1012, 'service restart');
    },
    drop,
    waitForRequest: (method) =>
      new Promise((resolve) => {
        if (requests.some((request) => request.method === method)) resolve();
        else waiting.push({ method, run: resolve });
      }),
    stop: async () => {
      chat.stop();
      drop();
      server.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

interface ErrorFrame {
  readonly code: string;
  readonly message: string;
  readonly details?: object;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

interface ConnectParams {
  readonly minProtocol: number;
  readonly maxProtocol: number;
  readonly client: {
    readonly id: string;
    readonly mode: string;
    readonly platform: string;
    readonly deviceFamily?: string;
  };
  readonly role: string;
  readonly scopes: readonly string[];
  readonly auth?: { readonly token?: string };
  readonly device?: {
    readonly id: string;
    readonly publicKey: string;
    readonly signature: string;
    readonly signedAt: number;
    readonly nonce: string;
  };
}

function refusalOf(
  params: ConnectParams,
  peer: Peer,
  token: string,
  mode: HandshakeMode,
): { closeCode: number; error: ErrorFrame } | null {
  const refuse = (code: string, message: string, details: object = {}) => ({
    closeCode: code === 'PROTOCOL_MISMATCH' ? 1002 : 1008,
    error: { code: 'INVALID_REQUEST', message, details: { code, ...details }, retryable: false },
  });
  if (mode === 'starting') {
    const error = {
      code: 'UNAVAILABLE',
      message: 'gateway starting; retry shortly',
      details: { reason: 'startup-sidecars' },
      retryable: true,
      retryAfterMs: 100,
    };
    return { closeCode: 1013, error };
  }
  const protocol = mode === 'other-protocol' ? 5 : 4;
  if (params.minProtocol > protocol || params.maxProtocol < protocol) {
    return refuse('PROTOCOL_MISMATCH', 'protocol mismatch', {
      clientMinProtocol: params.minProtocol,
      clientMaxProtocol: params.maxProtocol,
      expectedProtocol: protocol,
    });
  }
  const given = params.auth?.token;
  const deviceToken = params.device === undefined ? null : `device-${params.device.id.slice(0, 8)}`;
  if (given === undefined) {
    return refuse(
      'AUTH_TOKEN_MISSING',
      'unauthorized: gateway token missing (provide gateway auth token)',
      { authReason: 'token_missing' },
    );
  }
  if (given !== token && given !== deviceToken) {
    return refuse(
      'AUTH_TOKEN_MISMATCH',
      'unauthorized: gateway token mismatch (provide gateway auth token)',
      { authReason: 'token_mismatch' },
    );
  }
  if (params.device === undefined) {
    return params.client.mode === 'backend'
      ? null
      : refuse('DEVICE_IDENTITY_REQUIRED', 'device identity required');
  }
  if (params.device.nonce !== peer.nonce)
    return refuse('DEVICE_AUTH_NONCE_MISMATCH', 'device nonce mismatch');
  if (!signatureHolds(params, params.device, given))
    return refuse('DEVICE_AUTH_SIGNATURE_INVALID', 'device signature invalid');
  if (mode === 'pairing')
    return refuse('PAIRING_REQUIRED', 'pairing required: device is not approved yet', {
      reason: 'not-paired',
      requestId: 'request-1',
    });
  return null;
}

function signatureHolds(
  params: ConnectParams,
  device: NonNullable<ConnectParams['device']>,
  token: string,
): boolean {
  const raw = Buffer.from(device.publicKey, 'base64url');
  if (createHash('sha256').update(raw).digest('hex') !== device.id) return false;
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]); // the fixed DER head of an Ed25519 key
  const payload = buildDeviceAuthPayloadV3({
    deviceId: device.id,
    clientId: params.client.id,
    clientMode: params.client.mode,
    role: params.role,
    scopes: [...params.scopes],
    signedAtMs: device.signedAt,
    token,
    nonce: device.nonce,
    platform: params.client.platform,
    deviceFamily: params.client.deviceFamily ?? '',
  });
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(payload), key, Buffer.from(device.signature, 'base64url'));
}
