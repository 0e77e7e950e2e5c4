/**
 * Stands between the app and a real gateway: passes every frame on, keeps every byte that the app sent, puts in frames that
 * the gateway did not send, and changes answers on their way to the app.
 *
 * Invariants
 * 1. What the app sends reaches the gateway unchanged, and is kept before that.
 * 2. Without a change set, what the gateway sends reaches the app unchanged.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WebSocket, WebSocketServer } from 'ws';

export interface WireRequest {
  readonly method: string;
  readonly params: unknown;
}

/** An answer on its way to the app; `ok` false carries an `error`. */
export interface WireAnswer {
  readonly ok: boolean;
  readonly payload?: unknown;
  readonly error?: unknown;
}

export interface WireProxy {
  readonly url: string;
  readonly port: number;
  /** Every text that the app sent since the last call: heads of its HTTP requests, and frames. */
  takeBytes(): readonly string[];
  /** The requests among them since the last call. */
  takeRequests(): readonly WireRequest[];
  /** Sends an event to the app, as if the gateway had. */
  inject(event: string, payload: unknown): void;
  /** Sends a frame of any form. */
  injectFrame(frame: object): void;
  /** Changes answers from now on, by method; none unless told. */
  change(changes: Readonly<Record<string, (answer: WireAnswer) => WireAnswer>>): void;
  /** Closes the app's connections with a code and a reason. */
  close(code: number, reason: string): void;
  stop(): Promise<void>;
}

/** Starts it before the gateway at `target`, on a free port of the loopback. */
export async function startWireProxy(target: string): Promise<WireProxy> {
  let bytes: string[] = [];
  let requests: WireRequest[] = [];
  let changes: Readonly<Record<string, (answer: WireAnswer) => WireAnswer>> = {};
  const clients = new Set<WebSocket>();

  const http = createServer((request, response) => {
    bytes.push(headOf(request.method, request.url, request.rawHeaders));
    request.on('data', (part: Buffer) => bytes.push(part.toString('utf8')));
    response.writeHead(404).end();
  });
  const server = new WebSocketServer({ server: http, maxPayload: 64 * 1024 * 1024 });
  server.on('connection', (client, request) => {
    bytes.push(headOf(request.method, request.url, request.rawHeaders));
    clients.add(client);
    const asked = new Map<string, string>();
    const upstream = new WebSocket(target, { maxPayload: 64 * 1024 * 1024 });
    const early: string[] = [];
    client.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      bytes.push(text);
      const frame = JSON.parse(text) as { id?: string; method?: string; params?: unknown };
      if (frame.id !== undefined && frame.method !== undefined) {
        asked.set(frame.id, frame.method);
        requests.push({ method: frame.method, params: frame.params });
      }
      if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
      else early.push(text);
    });
    upstream.on('open', () => {
      for (const text of early.splice(0)) upstream.send(text);
    });
    upstream.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      const frame = JSON.parse(text) as { type?: string; id?: string } & WireAnswer;
      const change = frame.type === 'res' ? changes[asked.get(frame.id ?? '') ?? ''] : undefined;
      if (client.readyState !== WebSocket.OPEN) return;
      client.send(
        change === undefined
          ? text
          : JSON.stringify({ type: 'res', id: frame.id, ...change(frame) }),
      );
    });
    const end = (): void => {
      clients.delete(client);
      client.terminate();
      upstream.terminate();
    };
    client.on('close', end).on('error', end);
    upstream.on('error', end).on('close', (code, reason) => {
      if (client.readyState === WebSocket.OPEN && code >= 1000 && code !== 1005 && code !== 1006)
        client.close(code, reason);
      else end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;

  const injectFrame = (frame: object): void => {
    const text = JSON.stringify(frame);
    for (const client of clients) if (client.readyState === WebSocket.OPEN) client.send(text);
  };
  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    takeBytes: () => {
      const taken = bytes;
      bytes = [];
      return taken;
    },
    takeRequests: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    inject: (event, payload) => {
      injectFrame({ type: 'event', event, payload });
    },
    injectFrame,
    change: (next) => {
      changes = next;
    },
    close: (code, reason) => {
      for (const client of clients) client.close(code, reason);
    },
    stop: async () => {
      for (const client of clients) client.terminate();
      server.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function headOf(method = '', url = '', headers: readonly string[] = []): string {
  return [method, url, ...headers].join('\n');
}
