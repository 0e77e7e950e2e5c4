import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { nodePortalFetch } from '../../src/cloud/index.node.ts';
import { enrol } from '../../src/cloud/index.ts';
import { parseSettings, type GatewaySettings, type Settings } from '../../src/store/index.ts';
import { startDemoWorld, type DemoWorld } from './demo-world.ts';

const work = { url: 'ws://127.0.0.1:1', token: 'token-of-the-work-gateway' };
const nothing = { node: null, openclaw: null };

async function start(home: string): Promise<DemoWorld> {
  const world = await startDemoWorld({ home, runtime: nothing, work });
  onTestFinished(() => world.stop());
  return world;
}

function profile(): string {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-world-'));
  onTestFinished(() => {
    rmSync(home, { recursive: true });
  });
  return home;
}

test('its settings lead to the work gateway, and nothing but the portal knows that token', async () => {
  const { settingsPath, portal } = await start(profile());
  const text = readFileSync(settingsPath, 'utf8');
  expect(parseSettings(text).ok).toBe(true);
  expect(text).not.toContain(work.token);
  expect(statSync(settingsPath).mode & 0o077).toBe(0);
  const acme = of('portal', JSON.parse(text) as Settings);
  expect(
    await enrol({ portal: acme.portal, code: acme.code ?? '', fetch: nodePortalFetch }),
  ).toEqual({ ok: true, value: { name: 'Acme', ...work } });
  expect(
    await enrol({ portal: portal.url, code: 'another', fetch: nodePortalFetch }),
  ).toMatchObject({ ok: false, error: { kind: 'refused' } });
});

test('a second start keeps the ports, so that gateways that are still alive fit', async () => {
  const home = profile();
  const first = await start(home);
  await first.stop();
  const second = await start(home);
  expect(of('managed', second.settings)).toEqual(of('managed', first.settings));
  expect(second.portal.code).not.toBe(first.portal.code);
});

test('the personal gateways share one model realm, and ports far enough apart', async () => {
  const { settings, model } = await start(profile());
  const [home, standby] = settings.gateways.filter((gateway) => gateway.kind === 'managed');
  expect(home?.model?.baseUrl).toBe(`${model.url}/personal/v1`);
  expect(standby?.model?.baseUrl).toBe(home?.model?.baseUrl);
  expect(Math.abs((home?.port ?? 0) - (standby?.port ?? 0))).toBeGreaterThanOrEqual(120);
});

function of<Kind extends GatewaySettings['kind']>(
  kind: Kind,
  settings: Settings,
): Extract<GatewaySettings, { kind: Kind }> {
  const found = settings.gateways.find((gateway) => gateway.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} gateway`);
  return found as Extract<GatewaySettings, { kind: Kind }>;
}
