import { expect, it } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { warmUp } from './warm-up.ts';
import type { WarmUpMemory, WarmUpPorts } from './warm-up.ts';

function bench(refuses: () => boolean = () => false) {
  const calls: string[] = [];
  const ports: WarmUpPorts = {
    call: async (method, params) => {
      calls.push(`${method} ${'sessionKey' in params ? String(params.sessionKey) : ''}`.trim());
      if (refuses()) throw new Error('gateway starting');
      return { runId: 'run' };
    },
    agentId: async () => 'main',
    forget: async (agentId) => {
      calls.push(`forget ${agentId}`);
    },
    random: systemRandom(),
  };
  const memory: WarmUpMemory = { warm: null };
  return { calls, warmUp: () => warmUp(memory, ports) };
}

const once = [
  'chat.send agent:main:internal-session-effects:switchyard-warm-up',
  'agent.wait',
  'forget main',
];

it('goes the way once, whoever asks, and leaves nothing', async () => {
  const { calls, warmUp: ask } = bench();
  const outcomes = await Promise.all([ask(), ask()]);
  expect(outcomes).toEqual([
    { ok: true, value: null },
    { ok: true, value: null },
  ]);
  expect(await ask()).toEqual({ ok: true, value: null });
  expect(calls).toEqual(once);
});

it('tells why it could not, leaves nothing then either, and goes again when it is asked again', async () => {
  let starting = true;
  const { calls, warmUp: ask } = bench(() => starting);
  expect(await ask()).toEqual({ ok: false, error: 'Error: gateway starting' });
  expect(calls).toEqual([once[0], once[2]]);
  starting = false;
  expect(await ask()).toEqual({ ok: true, value: null });
});
