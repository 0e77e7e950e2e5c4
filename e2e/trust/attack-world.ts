/**
 * The world of the attack: a real work gateway behind a wire proxy, a personal gateway full of canaries, folders of a person
 * with canaries in their files, a decoy server, and the real app between them.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Settings } from '../../src/store/index.ts';
import { startGatewayDouble } from '../../src/gateways/testing/gateway-double.node.ts';
import type { GatewayDouble } from '../../src/gateways/testing/gateway-double.node.ts';
import { freeGatewayPorts } from '../../src/ha/testing/free-ports.ts';
import { fileChoicesStore } from '../../src/trust/choices.node.ts';
import { doorFolder } from '../../src/trust/index.node.ts';
import { fileTrustStore } from '../../src/trust/trust-store.node.ts';
import { runtime } from '../app/app-run.ts';
import { startDemoPortal } from '../support/demo-portal.ts';
import { startEchoModel, type EchoModel } from '../support/echo-model.ts';
import {
  runtimeFromEnvironment,
  startRealGateway,
  type RealGateway,
} from '../support/real-gateway.ts';
import { startAttackedApp, until, type AttackedApp } from './attacked-app.ts';
import { newCanary } from './canaries.ts';
import { startDecoy, type Decoy } from './decoy.ts';
import { startModelFront, type ModelFront } from './model-front.ts';
import { startPuppet, type Puppet } from './puppet.ts';
import { startWireProxy, type WireProxy } from './wire-proxy.ts';

export interface AttackWorld {
  readonly app: AttackedApp;
  readonly home: GatewayDouble;
  /** The agent of the personal gateway. */
  readonly puppet: Puppet;
  readonly trust: boolean;
  readonly work: RealGateway;
  readonly proxy: WireProxy;
  readonly model: EchoModel;
  /** Between the work gateway and its model. */
  readonly front: ModelFront;
  readonly decoy: Decoy;
  readonly canaries: readonly string[];
  readonly folders: AttackFolders;
  /** Ports of the loopback that the app has a reason to reach. */
  readonly ports: readonly number[];
  close(): Promise<void>;
}

export interface AttackFolders {
  readonly base: string;
  readonly profile: string;
  /** The person's home folder, and what is in it. */
  readonly person: string;
  readonly temporary: string;
}

export interface AttackWorldOptions {
  /** The app's folder. */
  readonly root: string;
  /** Secrets of the rows, planted beside our own. */
  readonly canaries: readonly string[];
  /** Whether trust leads from personal to work; nothing is granted, and nobody approves. */
  readonly trust: boolean;
}

/** Starts everything and waits until both gateways are ready in the app. */
export async function startAttackWorld(options: AttackWorldOptions): Promise<AttackWorld> {
  const planted = {
    file: newCanary('file'),
    token: newCanary('token'),
    said: newCanary('said'),
    answer: newCanary('answer'),
    session: newCanary('session'),
    draft: newCanary('draft'),
    name: newCanary('name'),
    rule: newCanary('rule'),
    path: newCanary('path'),
    clipboard: newCanary('clipboard'),
  };
  const canaries = [...Object.values(planted), ...options.canaries];
  const folders = makeFolders(planted.path, planted.file, options.canaries);
  const closing: (() => Promise<void>)[] = [
    () => {
      rmSync(folders.base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      return Promise.resolve();
    },
  ];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  const keep = <Part>(part: Part, end: (part: Part) => Promise<void>): Part => {
    closing.push(() => end(part));
    return part;
  };
  try {
    const decoy = keep(await startDecoy(), (part) => part.stop());
    const model = keep(await startEchoModel(), (part) => part.stop());
    const front = keep(await startModelFront(model.url), (part) => part.stop());
    const [workPort = 0] = await freeGatewayPorts(1);
    const work = keep(
      await startRealGateway({
        gateway: {
          id: 'acme-cloud',
          name: 'Acme',
          domain: 'work',
          kind: 'managed',
          port: workPort,
          model: { provider: 'echo', baseUrl: `${front.url}/work/v1`, id: 'echo' },
        },
        home: join(folders.base, 'cloud'),
        runtime: runtimeFromEnvironment(),
      }),
      (part) => part.stop(),
    );
    const home = keep(
      await startGatewayDouble({
        token: planted.token,
        answer: (text) => `I know this: ${planted.answer}. You said: ${text}`,
      }),
      (part) => part.stop(),
    );
    await work.live;
    const proxy = keep(await startWireProxy(work.url), (part) => part.stop());
    const workPortal = keep(
      await startDemoPortal({ name: 'Acme', url: proxy.url, token: work.token }),
      (part) => part.stop(),
    );
    const homePortal = keep(
      await startDemoPortal({ name: 'Home', url: home.url, token: planted.token }),
      (part) => part.stop(),
    );
    const settings: Omit<Settings, 'domains' | 'pairs' | 'trust' | 'updates' | 'demo'> = {
      version: 1,
      gateways: [
        {
          id: 'home',
          name: `Home ${planted.name}`,
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
          portal: workPortal.url,
          code: workPortal.code,
        },
      ],
      rules: [
        {
          id: 'own',
          name: 'Private things',
          enabled: true,
          when: { kind: 'contains', text: planted.rule },
          then: 'personal',
        },
      ],
    };
    writeFileSync(join(folders.profile, 'settings.json'), JSON.stringify(settings, null, 2));
    chooseTrust(folders.profile, options.trust);
    const app = keep(
      await startAttackedApp({
        root: options.root,
        profile: folders.profile,
        environment: {
          HOME: folders.person,
          XDG_CONFIG_HOME: join(folders.person, '.config'),
          XDG_CACHE_HOME: join(folders.person, '.cache'),
          TMPDIR: folders.temporary,
          DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
        },
        switches: [`--host-resolver-rules=MAP * 127.0.0.1:${decoy.port}`],
      }),
      (part) => part.close(),
    );
    const puppet = keep(
      await startPuppet({
        home,
        sessionKey: 'agent:main:main',
        root: options.root,
        door: doorFolder(folders.profile),
        node: runtime().node,
        client: 'home',
      }),
      (part) => part.stop(),
    );
    await until('both gateways', async () => {
      const { gateways } = await app.state();
      const ready = gateways.filter(({ state }) => state.phase === 'ready');
      return gateways.length === 2 && ready.length === 2 ? true : undefined;
    });
    await plantInApp(app, planted);
    const port = (url: string): number => Number(new URL(url).port);
    return {
      app,
      home,
      puppet,
      trust: options.trust,
      work,
      proxy,
      model,
      front,
      decoy,
      canaries,
      folders,
      ports: [proxy.port, home.port, port(workPortal.url), port(homePortal.url)],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A conversation in the personal pane, a draft for it and a full clipboard, as a person leaves them. */
async function plantInApp(
  app: AttackedApp,
  planted: { readonly said: string; readonly draft: string; readonly clipboard: string },
): Promise<void> {
  const composer = app.shell.getByRole('textbox', { name: 'Message' });
  await composer.fill(`@home remember ${planted.said}`);
  await app.shell.getByRole('status', { name: 'Route' }).filter({ hasText: 'Home' }).waitFor();
  await composer.press('Enter');
  await until('the personal answer', async () => {
    const { outbox, panes } = await app.state();
    return outbox.length === 0 && !panes.some((pane) => pane.running) ? true : undefined;
  });
  await composer.fill(`@home not sent yet: ${planted.draft}`);
  await app.app.evaluate(({ clipboard }, text) => {
    clipboard.writeText(text);
  }, planted.clipboard);
}

/** What the person chose before: the agents of the personal gateway have the tools, and trust is on or off. */
function chooseTrust(profile: string, isOn: boolean): void {
  const folder = join(profile, 'trust');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const edges = isOn ? [{ from: 'personal', to: 'work' }] : [];
  fileTrustStore(join(folder, 'trust.json')).save({ epoch: 0, edges, tainted: [] });
  fileChoicesStore(join(folder, 'choices.json')).save({ disconnected: [], tools: ['home'] });
}

function makeFolders(
  pathCanary: string,
  fileCanary: string,
  others: readonly string[],
): AttackFolders {
  const base = mkdtempSync(join(tmpdir(), 'switchyard-attack-'));
  const folders = {
    base,
    profile: join(base, pathCanary),
    person: join(base, 'person'),
    temporary: join(base, 'temporary'),
  };
  mkdirSync(folders.profile, { mode: 0o700 });
  mkdirSync(folders.temporary);
  const files: Readonly<Record<string, string>> = {
    'Documents/taxes.txt': `account ${fileCanary}\n${others.join('\n')}\n`,
    '.ssh/id_ed25519': `-----BEGIN OPENSSH PRIVATE KEY-----\n${fileCanary}\n`,
    '.bashrc': `export SECRET=${fileCanary}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folders.person, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
  return folders;
}

/** Every file below a folder with the hash of what is in it. `skip`: parts whose changes mean nothing. */
export function listing(folder: string, skip: RegExp): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (skip.test(name)) continue;
    try {
      found[name] = entry.isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : String(statSync(path).mode);
    } catch {
      found[name] = 'cannot be read';
    }
  }
  return found;
}

/** What differs between two listings, a line each. */
export function listingChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .map(
      (name) =>
        `${name} ${after[name] === undefined ? 'is gone' : before[name] === undefined ? 'is new' : 'is changed'}`,
    );
}
