/** A small world of two light gateway doubles, one personal and one work, each behind a portal: quick to start, and able to misbehave. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startGatewayDouble } from '../../src/gateways/testing/gateway-double.node.ts';
import type { GatewayDouble } from '../../src/gateways/testing/gateway-double.node.ts';
import type { RoutingRule } from '../../src/shared/index.ts';
import { startDemoPortal } from '../support/demo-portal.ts';
import { freshHome, removeHome, startApp } from './app-run.ts';
import type { AppRun } from './app-run.ts';

export interface DoubleWorld {
  readonly home: GatewayDouble;
  readonly acme: GatewayDouble;
  readonly settingsPath: string;
  stop(): Promise<void>;
}

const rules: readonly RoutingRule[] = [
  {
    id: 'atlas',
    name: 'Project ATLAS',
    enabled: true,
    when: { kind: 'contains', text: 'ATLAS' },
    then: 'work',
  },
];

/** Starts both and writes the settings of `profile`. Panes are called Home (`home`) and Acme (`acme`). */
export async function startDoubleWorld(profile: string): Promise<DoubleWorld> {
  const home = await startGatewayDouble({ token: 'home-token-0123456789' });
  const acme = await startGatewayDouble({ token: 'acme-token-0123456789' });
  const homePortal = await startDemoPortal({
    name: 'Home',
    url: home.url,
    token: 'home-token-0123456789',
  });
  const acmePortal = await startDemoPortal({
    name: 'Acme',
    url: acme.url,
    token: 'acme-token-0123456789',
  });
  const settingsPath = join(profile, 'settings.json');
  mkdirSync(profile, { recursive: true });
  writeFileSync(
    settingsPath,
    JSON.stringify(
      {
        version: 1,
        gateways: [
          {
            id: 'home',
            name: 'Home',
            domain: 'personal',
            kind: 'portal',
            portal: homePortal.url,
            code: homePortal.code,
          },
          {
            id: 'acme',
            name: 'Acme',
            domain: 'work',
            kind: 'portal',
            portal: acmePortal.url,
            code: acmePortal.code,
          },
        ],
        rules,
      },
      null,
      2,
    ),
  );
  return {
    home,
    acme,
    settingsPath,
    stop: async () => {
      await Promise.all([homePortal.stop(), acmePortal.stop(), home.stop(), acme.stop()]);
    },
  };
}

/** The app on a double world, in a profile of its own. */
export interface DoubleRun {
  readonly profile: string;
  readonly world: DoubleWorld;
  readonly run: AppRun;
  close(): Promise<void>;
}

/** Starts the doubles and the app over them. */
export async function startDoubleRun(): Promise<DoubleRun> {
  const profile = freshHome();
  const world = await startDoubleWorld(profile);
  const run = await startApp({ home: profile });
  return {
    profile,
    world,
    run,
    close: async () => {
      await run.close();
      await world.stop();
      removeHome(profile);
    },
  };
}
