import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { systemClock } from '../../../base/index.node.ts';
import { installFencePlugin } from '../../../gateways/index.ts';
import { openHeldConnection } from '../../health/held-connection.node.ts';
import type { HeldConnection } from '../../health/held-connection.node.ts';
import { freeGatewayPort } from '../../testing/free-ports.ts';
import { configPathIn, gatewayProcess } from '../../testing/gateway-process.ts';
import { gatewayConfig } from '../../testing/real-gateway.ts';

/** A real gateway with the fence, a schedule and Telegram, which can be killed and started again on what it left. */
export interface DutyGateway {
  readonly name: string;
  /** Its home: what a job of its schedule sees as HOME. */
  readonly folder: string;
  readonly connection: HeldConnection;
  /** Starts its process; resolves when it is ready. */
  start(): Promise<void>;
  kill(): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

export interface DutyGatewayOptions {
  readonly name: string;
  readonly folder: string;
  readonly pluginPath: string;
  readonly modelPort: number;
  /** `channels.telegram`; null: it has none. */
  readonly telegram: object | null;
}

/** Makes the gateway's folder; nothing runs yet. */
export async function makeDutyGateway(options: DutyGatewayOptions): Promise<DutyGateway> {
  const { name, folder, pluginPath } = options;
  const clock = systemClock();
  const port = await freeGatewayPort();
  const token = 'token-of-the-duty-gateway';
  const gateway = gatewayProcess(folder, port);
  const plain = {
    ...gatewayConfig(port, token, options.modelPort, join(folder, 'workspace')),
    ...(options.telegram === null ? {} : { channels: { telegram: options.telegram } }),
    plugins: { allow: ['telegram'] },
  };
  const config = { pair: 'home', gateway: name, mode: 'timed' } as const;
  writeFileSync(
    configPathIn(folder),
    installFencePlugin(JSON.stringify(plain), { pluginPath, config }),
  );

  const connection = openHeldConnection({
    member: { id: name, name, url: `ws://127.0.0.1:${port}`, token: { app: true } },
    token: async () => token,
    identity: async () => null,
    onReset: () => undefined,
    clock,
  });

  return {
    name,
    folder,
    connection,
    start: gateway.start,
    kill: gateway.kill,
    log: gateway.log,
    stop: async () => {
      connection.close();
      await gateway.kill();
    },
  };
}
