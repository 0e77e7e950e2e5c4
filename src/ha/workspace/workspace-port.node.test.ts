import { expect, it, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { WorkspaceConfig } from '../model.ts';
import type { WorkspacePort } from '../ports.ts';
import { memoryWorkspace } from './testing/memory-workspace.ts';
import type { MemoryWorkspace } from './testing/memory-workspace.ts';
import { openWorkspacePort } from './workspace-port.ts';

const memory = 'main/MEMORY.md';

interface World {
  readonly port: WorkspacePort;
  readonly a: MemoryWorkspace;
  readonly b: MemoryWorkspace;
  /** Time passes until the view is like this. */
  until(view: object): Promise<void>;
}

function world(config: WorkspaceConfig = { kind: 'sync' }): World {
  const clock = manualClock();
  const [a, b] = [memoryWorkspace(clock), memoryWorkspace(clock)];
  let ids = 0;
  const port = openWorkspacePort({
    config,
    workspace: (id) =>
      new Map([
        ['a', a],
        ['b', b],
      ]).get(id)?.workspace ?? null,
    otherOf: (id) => (id === 'a' ? 'b' : 'a'),
    clock,
    random: { unit: () => 0.5, id: () => `nonce-${String((ids += 1))}` },
    onChange: () => undefined,
  });
  if (port === null) throw new Error('nothing is kept in step');
  a.acting = true;
  return {
    port,
    a,
    b,
    until: (view) =>
      vi.waitFor(() => {
        clock.advance(500);
        expect(port.view()).toMatchObject(view);
      }),
  };
}

const from = (gatewayId: string, epoch: number): { gatewayId: string; epoch: number } => ({
  gatewayId,
  epoch,
});

it('carries changes of either side as they come, and turns round with the role', async () => {
  const { port, a, b, until } = world();
  expect(port.view()).toBeNull();
  a.put(memory, 'one');
  a.put('main/.env', 'SECRET=1');
  a.profiles = [{ agent: 'main', provider: 'openai', profile: 'openai:default' }];
  port.follow(from('a', 1));
  await until({ state: 'in-step', carried: 1, total: 1, behindMs: null });
  expect(port.view()).toMatchObject({
    kind: 'sync',
    notCopied: [{ gatewayId: 'a', path: 'main/.env' }],
    lacking: [{ gatewayId: 'b', provider: 'openai', profile: 'openai:default' }],
  });
  a.put(memory, 'two');
  await vi.waitFor(async () => {
    await until({ state: 'in-step' });
    expect(b.text(memory)).toBe('two');
  });
  b.put(memory, 'three');
  await vi.waitFor(async () => {
    await until({ state: 'in-step' });
    expect(a.text(memory)).toBe('three');
  });
  [a.acting, b.acting] = [false, true];
  port.follow(from('b', 2));
  a.put(memory, 'of a, apart');
  b.put(memory, 'of b, apart');
  await until({ state: 'in-step', conflicts: ['main/MEMORY.conflict-a-1970-01-01.md'] });
  expect(a.text(memory)).toBe('of b, apart');
  port.follow(null);
  expect(port.view()).toBeNull();
});

it('says who does not answer, and is back when it does', async () => {
  const { port, a, b, until } = world();
  a.put(memory, 'one');
  b.fault = () => 'lost-call';
  port.follow(from('a', 1));
  await until({ state: 'away', detail: 'copy: lost' });
  await port.caughtUp(1_000_000); // at once: it cannot be
  b.fault = () => null;
  await until({ state: 'in-step', detail: '' });
  b.epoch = 5;
  a.put(memory, 'two');
  await until({ state: 'refused' });
  port.follow(null);
});

it('waits for what is on its way', async () => {
  const { port, a, b } = world();
  a.put(memory, 'one');
  port.follow(from('a', 1));
  await port.caughtUp(1_000_000);
  expect(b.text(memory)).toBe('one');
  port.follow(null);
});

it('asks nothing any more once nobody is active', async () => {
  const { port, a, b, until } = world();
  port.follow(from('a', 1));
  await until({ state: 'in-step' });
  port.follow(null);
  let asked = 0;
  for (const side of [a, b])
    side.fault = () => {
      asked += 1;
      return null;
    };
  a.put(memory, 'one');
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(0);
});

it('proves that a shared folder is one, and carries nothing', async () => {
  const { port, a, b, until } = world({ kind: 'shared-folder' });
  a.put(memory, 'one');
  a.put('main/MEMORY.sync-conflict-20261122-091400-ABCDEF.md', 'x');
  a.put('main/notes (Ada’s conflicted copy 2026-11-22).md', 'x');
  port.follow(from('a', 1));
  await until({ state: 'catching-up', carried: 0, detail: expect.stringContaining('same folder') });
  expect(b.files.size).toBe(0);
  // They are mounted as one.
  const sign = b.workspace.sign.bind(b.workspace);
  vi.spyOn(b.workspace, 'sign').mockImplementation((nonce, how) =>
    how === 'find' ? a.workspace.sign(nonce, how) : sign(nonce, how),
  );
  await until({
    state: 'in-step',
    carried: 3,
    conflicts: [
      'main/MEMORY.sync-conflict-20261122-091400-ABCDEF.md',
      'main/notes (Ada’s conflicted copy 2026-11-22).md',
    ],
  });
  expect(a.signs.size).toBe(0);
  expect(b.files.size).toBe(0);
  port.follow(null);
});

it('lets both take their turn with git, and the active one alone while the other is away', async () => {
  const { port, a, b, until } = world({ kind: 'git', remote: 'origin' });
  a.put(memory, 'one');
  b.fault = () => 'lost-call';
  port.follow(from('a', 3));
  await until({ kind: 'git', state: 'away' });
  expect(a.turns[0]).toEqual({ role: 'active', gateway: 'a', remote: 'origin', epoch: 3 });
  b.fault = () => null;
  await until({ state: 'in-step' });
  expect(b.turns.at(-1)).toMatchObject({ role: 'standby', gateway: 'b' });
  const before = a.turns.length;
  a.put(memory, 'two');
  await vi.waitFor(async () => {
    await until({ state: 'in-step' });
    expect(a.turns.length).toBeGreaterThan(before);
  });
  port.follow(null);
});

it('keeps nothing in step where nobody wants it', () => {
  const clock = manualClock();
  const random = { unit: () => 0.5, id: () => 'id' };
  const onChange = (): void => undefined;
  const config = { kind: 'none' } as const;
  const ports = { config, workspace: () => null, otherOf: (id: string) => id };
  expect(openWorkspacePort({ ...ports, clock, random, onChange })).toBeNull();
});
