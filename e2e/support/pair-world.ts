/** Two real gateways of one domain that the app runs, and the echo model they ask; what a person begins a set-up with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { GatewayRuntime } from '../../src/gateways/index.node.ts';
import type { Settings } from '../../src/store/index.ts';
import { startEchoModel, type EchoModel } from './echo-model.ts';
import { freeGatewayPorts } from '../../src/ha/testing/free-ports.ts';
import { endLeftBehind } from './left-behind.ts';

export interface PairWorld {
  readonly model: EchoModel;
  stop(): Promise<void>;
}

/** Writes the settings of `home`: gateways `attic` and `bath`, no pair yet. The app starts the gateways. */
export async function startPairWorld(home: string, runtime: GatewayRuntime): Promise<PairWorld> {
  const model = await startEchoModel();
  const [atticPort = 0, bathPort = 0] = await freeGatewayPorts(2);
  const common = {
    domain: 'personal',
    kind: 'managed',
    model: { provider: 'echo', baseUrl: `${model.url}/personal/v1`, id: 'echo' },
  } as const;
  const gateways: Settings['gateways'] = [
    { id: 'attic', name: 'Attic', port: atticPort, ...common },
    { id: 'bath', name: 'Bath', port: bathPort, ...common },
  ];
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ version: 1, gateways }, null, 2));
  return {
    model,
    stop: async () => {
      await endLeftBehind(home, runtime, gateways);
      await model.stop();
    },
  };
}
