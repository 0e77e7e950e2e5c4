import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Settings } from '../../src/store/index.ts';

export interface DemoAddresses {
  readonly homePort: number;
  readonly standbyPort: number;
  readonly modelUrl: string;
  readonly portalUrl: string;
  readonly code: string;
}

const exampleRules: Settings['rules'] = [
  {
    id: 'atlas',
    name: 'Project ATLAS',
    enabled: true,
    when: { kind: 'contains', text: 'ATLAS' },
    then: 'work',
  },
  {
    id: 'office',
    name: 'Invoices and reports',
    enabled: true,
    when: { kind: 'regex', pattern: String.raw`\b(invoice|quarterly)\b` },
    then: 'work',
  },
  {
    id: 'grocery',
    name: 'Groceries',
    enabled: true,
    when: { kind: 'contains', text: 'grocery' },
    then: 'personal',
  },
];

/** The demo's settings; `kept` are a person's own from an earlier run of it. Pure. */
export function demoSettings(addresses: DemoAddresses, kept: Settings | null): Settings {
  const model = { provider: 'echo', baseUrl: `${addresses.modelUrl}/personal/v1`, id: 'echo' };
  return {
    version: 1,
    domains: kept?.domains ?? [
      { id: 'personal', name: 'Personal', colour: 'teal' },
      { id: 'work', name: 'Work', colour: 'indigo' },
    ],
    gateways: [
      {
        id: 'home',
        name: 'Home primary',
        domain: 'personal',
        kind: 'managed',
        port: addresses.homePort,
        model,
      },
      {
        id: 'home-standby',
        name: 'Home standby',
        domain: 'personal',
        kind: 'managed',
        port: addresses.standbyPort,
        model,
      },
      {
        id: 'acme',
        name: 'Acme',
        domain: 'work',
        kind: 'portal',
        portal: addresses.portalUrl,
        code: addresses.code,
      },
    ],
    pairs: [
      {
        id: 'home-pair',
        name: 'Home',
        primary: 'home',
        standby: 'home-standby',
        profile: 'safe', // three gateways start together, on whatever machine this is
        preempt: null,
        plugin: true,
        workspace: { kind: 'sync' },
        place: { kind: 'this-computer' },
      },
    ],
    rules: kept?.rules ?? exampleRules,
    updates: { feed: null },
    demo: true,
  };
}

/** The demo settings of an earlier run; null when there is no file. Throws for a file that is not the demo's: it is a person's. */
export function readDemoSettings(path: string): Settings | null {
  if (!existsSync(path)) return null;
  const settings = JSON.parse(readFileSync(path, 'utf8')) as Settings;
  if (!settings.demo)
    throw new Error(`${path} holds settings of your own. Choose another --home for the demo.`);
  return settings;
}

/** Writes them for this user only: the file holds the portal's code. */
export function writeDemoSettings(path: string, settings: Settings): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
}
