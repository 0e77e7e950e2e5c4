import { describe, expect, it } from 'vitest';

import { agentToolsText, installAgentTools, removeAgentTools } from './agent-tools.ts';

const install = {
  node: '/app/node',
  program: '/app/out/node/agent-tools.js',
  folder: '/home/ada/.config/switchyard/door',
  client: 'home',
  to: ['work'],
};
const entry = {
  command: '/app/node',
  args: [
    '/app/out/node/agent-tools.js',
    '--folder',
    '/home/ada/.config/switchyard/door',
    '--client',
    'home',
    '--to',
    'work',
  ],
  requestTimeoutMs: 60_000,
};

function text(config: object): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

const bare = { gateway: { port: 18_000 }, meta: { lastTouchedVersion: '2026.9.6' } };
const busy = { ...bare, mcp: { sessionIdleTtlMs: 5, servers: { docs: { command: 'uvx' } } } };

describe('the tools of agents in the configuration of a gateway', () => {
  it('are a server that the gateway starts', () => {
    expect(JSON.parse(installAgentTools(text(bare), install))).toEqual({
      ...bare,
      mcp: { servers: { switchyard: entry } },
    });
  });

  it('stand beside others', () => {
    expect(JSON.parse(installAgentTools(text(busy), install))).toEqual({
      ...bare,
      mcp: { sessionIdleTtlMs: 5, servers: { docs: { command: 'uvx' }, switchyard: entry } },
    });
  });

  it.each([
    ['without others', bare],
    ['with others', busy],
  ])('leave no trace in a configuration %s', (_name, config) => {
    expect(removeAgentTools(installAgentTools(text(config), install))).toBe(text(config));
    expect(removeAgentTools(text(config))).toBe(text(config));
  });

  it('installed twice are installed once, with what came last', () => {
    const once = installAgentTools(text(busy), install);
    expect(installAgentTools(once, install)).toBe(once);
    const wider = installAgentTools(once, { ...install, to: ['work', 'acme'] });
    expect(wider).toContain('"acme"');
    expect(removeAgentTools(wider)).toBe(text(busy));
  });

  it('are not there for nobody to ask', () => {
    const installed = installAgentTools(text(busy), install);
    expect(installAgentTools(installed, { ...install, to: [] })).toBe(text(busy));
  });

  it('are given as text for a gateway that we do not run', () => {
    expect(JSON.parse(agentToolsText(install))).toEqual({
      mcp: { servers: { switchyard: entry } },
    });
  });
});
