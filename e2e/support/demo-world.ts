/**
 * The world of `npm start -- --demo` and of e2e tests: an echo model, a portal, a real work gateway behind it, and a settings
 * file that names them together with a personal pair that the app itself runs.
 *
 * As a program: `demo-world.ts --home DIR` prints one JSON line `{"ready":true,…}` and runs until SIGTERM or the end of its
 * standard input, so that it never outlives who started it. SWITCHYARD_NODE and SWITCHYARD_OPENCLAW name the gateway runtime.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import type { LogEntry } from '../../src/base/index.ts';
import type { GatewayRuntime } from '../../src/gateways/index.node.ts';
import type { Settings } from '../../src/store/index.ts';
import { startDemoPortal, type DemoPortal } from './demo-portal.ts';
import { demoSettings, readDemoSettings, writeDemoSettings } from './demo-settings.ts';
import { startEchoModel, type EchoModel } from './echo-model.ts';
import { freeGatewayPorts, isFree } from '../../src/ha/testing/free-ports.ts';
import { endLeftBehind } from './left-behind.ts';
import { runtimeFromEnvironment, startRealGateway, type RealGateway } from './real-gateway.ts';

export interface DemoWorldOptions {
  /** The profile folder; the settings file is written there. */
  readonly home: string;
  readonly runtime: GatewayRuntime;
  /** Stands in for the real work gateway, for tests with a hostile one. */
  readonly work?: { readonly url: string; readonly token: string };
  /** Pause between the model's tokens; a person likes to see an answer come, a test does not wait for it. */
  readonly tokenDelayMs?: number;
  readonly log?: (entry: LogEntry) => void;
}

export interface DemoWorld {
  /** Realm `personal` serves home and its standby, `work` the gateway behind the portal. */
  readonly model: EchoModel;
  readonly portal: DemoPortal;
  /** The real gateway behind the portal; null when another stands in for it. */
  readonly work: RealGateway | null;
  readonly settings: Settings;
  readonly settingsPath: string;
  stop(): Promise<void>;
}

/** Starts it. The work gateway is still coming up when this resolves; a client sees that as `starting`. */
export async function startDemoWorld(options: DemoWorldOptions): Promise<DemoWorld> {
  const home = resolve(options.home);
  const settingsPath = join(home, 'settings.json');
  const kept = readDemoSettings(settingsPath);
  const model = await startEchoModel({
    port: await modelPort(kept),
    tokenDelayMs: options.tokenDelayMs ?? 0,
  });
  const [homePort, standbyPort, workPort] = await gatewayPorts(kept);
  const work =
    options.work === undefined
      ? await startRealGateway({
          gateway: {
            id: 'acme-cloud',
            name: 'Acme',
            domain: 'work',
            kind: 'managed',
            port: workPort,
            model: { provider: 'echo', baseUrl: `${model.url}/work/v1`, id: 'echo' },
          },
          home: join(home, 'demo-cloud'),
          runtime: options.runtime,
          ...(options.log === undefined ? {} : { log: options.log }),
        })
      : null;
  const portal = await startDemoPortal({
    name: 'Acme',
    ...(options.work ?? { url: work?.url ?? '', token: work?.token ?? '' }),
  });
  const settings = demoSettings(
    { homePort, standbyPort, modelUrl: model.url, portalUrl: portal.url, code: portal.code },
    kept,
  );
  writeDemoSettings(settingsPath, settings);
  return {
    model,
    portal,
    work,
    settings,
    settingsPath,
    stop: async () => {
      await portal.stop();
      await work?.stop();
      // An app that was killed leaves them for its next start; the demo's end is their end too.
      await endLeftBehind(home, options.runtime, settings.gateways);
      await model.stop();
    },
  };
}

/** The ports of an earlier run of this profile stay, so that gateways that are still alive fit the settings. */
async function gatewayPorts(kept: Settings | null): Promise<readonly [number, number, number]> {
  const managed = (kept?.gateways ?? []).flatMap((gateway) =>
    gateway.kind === 'managed' ? [gateway.port] : [],
  );
  const [first = 0, second = 0, third = 0] = await freeGatewayPorts(3);
  return [managed[0] ?? first, managed[1] ?? second, managed.includes(third) ? first : third];
}

async function modelPort(kept: Settings | null): Promise<number> {
  const address = (kept?.gateways ?? []).flatMap((gateway) =>
    gateway.kind === 'managed' && gateway.model !== null ? [gateway.model.baseUrl] : [],
  )[0];
  const port = address === undefined ? 0 : Number(new URL(address).port);
  return port !== 0 && (await isFree(port)) ? port : 0;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { home: { type: 'string' } } });
  if (values.home === undefined) throw new Error('usage: demo-world.ts --home DIR');
  const world = await startDemoWorld({
    home: values.home,
    runtime: runtimeFromEnvironment(),
    tokenDelayMs: 25,
  });
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= world.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdin.once('end', stop).once('error', stop).resume();
  process.stdout.write(
    `${JSON.stringify({ ready: true, settings: world.settingsPath, model: world.model.url, portal: world.portal.url, work: world.work?.url })}\n`,
  );
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    process.stdout.write(
      `${JSON.stringify({ ready: false, error: error instanceof Error ? error.message : String(error) })}\n`,
    );
    process.exitCode = 1;
  });
}
