// A program of somebody else's: OpenClaw's client, which knows a name and holds its connection. `held-client.ts CONFIG`. It prints one JSON
// line for everything that happens to it, and asks what it is told on stdin.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { GatewayClient } from '@openclaw/gateway-client';

import { createDeviceIdentity } from '../../../src/gateways/index.node.ts';
import { rawPublicKey, signText } from '../../../src/gateways/device-identity.node.ts';
import { memoryVault } from '../../../src/gateways/testing/memory-vault.ts';
import { nowMs } from '../lab/commands.ts';
import type { HeldConfig, HeldLine, HeldOrder } from './held-words.ts';

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as HeldConfig;
const deviceIdentity = await createDeviceIdentity(memoryVault(), 'named').key();
let client: GatewayClient | null = null;

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as HeldOrder;
  if (order.kind === 'connect') connect();
  else void ask(order);
});

/** Begins anew; after that the client finds its way back by itself. */
function connect(): void {
  client?.stop();
  client = new GatewayClient({
    url: config.url,
    token: config.token,
    ...(config.tlsFingerprint === undefined ? {} : { tlsFingerprint: config.tlsFingerprint }),
    clientName: 'gateway-client',
    mode: 'ui',
    clientVersion: '1',
    platform: process.platform,
    role: 'operator',
    scopes: ['operator.read', 'operator.write', 'operator.admin'],
    deviceIdentity,
    hostDeps: {
      signDevicePayload: signText,
      publicKeyRawBase64UrlFromPem: (pem) => rawPublicKey(pem).toString('base64url'),
    },
    onHelloOk: () => tell({ kind: 'ready' }),
    onConnectError: ({ message }) => tell({ kind: 'failed', message }),
    onClose: (code, message) => tell({ kind: 'closed', code, message }),
  });
  client.start();
}

async function ask({ id, method, params }: Extract<HeldOrder, { kind: 'ask' }>): Promise<void> {
  try {
    tell({ kind: 'answer', id, ok: true, value: await client?.request<unknown>(method, params) });
  } catch (error) {
    tell({ kind: 'answer', id, ok: false, value: String(error) });
  }
}

function tell(line: HeldLine): void {
  process.stdout.write(`${JSON.stringify({ atMs: nowMs(), ...line })}\n`);
}
