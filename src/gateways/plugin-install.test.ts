import { describe, expect, it } from 'vitest';

import { fencePluginId, installFencePlugin, removeFencePlugin } from './plugin-install.ts';

const install = {
  pluginPath: '/app/out/gateway-plugin',
  config: {
    pair: 'home',
    gateway: 'a',
    mode: 'held',
    registerPath: '/state/registers/home.json',
  },
} as const;

function text(config: object): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

const bare = { gateway: { port: 18_000 }, agents: { defaults: { skipBootstrap: true } } };
const busy = {
  ...bare,
  plugins: {
    enabled: true,
    load: { paths: ['/other'] },
    allow: ['other'],
    entries: { other: { enabled: true } },
  },
};

describe('our plugin in the configuration of a gateway', () => {
  it('is loaded, enabled, and called for conversations', () => {
    const config = JSON.parse(installFencePlugin(text(bare), install)) as object;
    expect(config).toMatchObject({
      ...bare,
      plugins: {
        load: { paths: [install.pluginPath] },
        entries: {
          [fencePluginId]: {
            enabled: true,
            hooks: { allowConversationAccess: true },
            config: install.config,
          },
        },
      },
    });
  });

  it('begins no list of allowed plugins, which would shut out all others', () => {
    expect(installFencePlugin(text(bare), install)).not.toContain('"allow"');
  });

  it('stands beside the plugins that are there', () => {
    const { plugins } = JSON.parse(installFencePlugin(text(busy), install)) as typeof busy;
    expect(plugins.load.paths).toEqual(['/other', install.pluginPath]);
    expect(plugins.allow).toEqual(['other', fencePluginId]);
    expect(plugins.entries.other).toEqual({ enabled: true });
  });

  it.each([
    ['without plugins', bare],
    ['with others', busy],
  ])('leaves no trace of itself in a configuration %s', (_name, config) => {
    const installed = installFencePlugin(text(config), install);
    expect(removeFencePlugin(installed, install.pluginPath)).toBe(text(config));
    expect(removeFencePlugin(text(config), install.pluginPath)).toBe(text(config));
  });

  it('installed twice is installed once, with what came last', () => {
    const once = installFencePlugin(text(busy), install);
    expect(installFencePlugin(once, install)).toBe(once);
    const moved = installFencePlugin(once, {
      ...install,
      config: { ...install.config, pair: 'b' },
    });
    expect(removeFencePlugin(moved, install.pluginPath)).toBe(text(busy));
    expect(moved).toContain('"pair": "b"');
  });
});
