import { expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { PluginConnection } from '../fence/plugin-link.node.ts';
import { answerDutiesCall } from './methods.ts';
import type { JobCopy } from './model.ts';
import { pluginDuties } from './plugin-duties.node.ts';
import { dutiesMethodNames } from './protocol.ts';
import { memoryDuties } from './testing/memory-duties.ts';
import { personsJob } from './testing/memory-scheduler.ts';

function wired(duties: ReturnType<typeof memoryDuties>): PluginConnection {
  return {
    generation: () => 1,
    request: async (method, params) => {
      const known = dutiesMethodNames.find((name) => name === method);
      if (known === undefined) throw new Error('unknown method');
      const wire = JSON.parse(JSON.stringify(params)) as unknown;
      const answer = await answerDutiesCall(known, wire, duties.duties);
      if (!answer.ok) throw new Error(answer.message);
      return JSON.parse(JSON.stringify(answer.payload)) as unknown;
    },
  };
}

it('carries every call over the wire as it is', async () => {
  const [a, b] = [memoryDuties(manualClock()), memoryDuties(manualClock())];
  a.scheduler.jobs.set('j', personsJob('j', { state: { runningAtMs: 5 } }));
  a.channels = [
    { channel: 'telegram', account: 'default', ready: true, running: false, detail: 'words' },
  ];
  const here = await a.duties.look();
  const look = await pluginDuties(wired(a)).look();
  expect(look).toEqual(here);
  const jobs = look.ok ? look.value.jobs : [];
  const far = pluginDuties(wired(b));
  expect(await far.put({ epoch: 1, quiet: true, jobs, gone: ['x'] })).toEqual({
    ok: true,
    value: { kind: 'put', failed: [] },
  });
  expect(b.scheduler.jobs.has('j')).toBe(true);
  expect(await far.put({ epoch: 0, quiet: true, jobs, gone: [] })).toMatchObject({ ok: false });
  b.changed();
  expect(await far.changes(0, 1_000)).toEqual({ ok: true, value: { at: 1 } });
  b.away = true;
  expect(await far.look()).toMatchObject({
    ok: false,
    error: expect.stringContaining('it does not answer'),
  });
});

it('refuses what does not fit, by name', async () => {
  const duties = memoryDuties(manualClock()).duties;
  const job: JobCopy = {
    id: 'j',
    name: '',
    enabled: true,
    definition: { schedule: { kind: 'every' } },
    progress: {},
    startedAtMs: null,
  };
  const put = { epoch: 1, quiet: false, jobs: [job], gone: [] };
  const said = async (params: object): Promise<unknown> =>
    answerDutiesCall('switchyard.duties.put', params, duties);
  expect(await said(put)).toMatchObject({ ok: true });
  for (const [wrong, field] of [
    [{ ...put, epoch: 0 }, 'epoch'],
    [{ ...put, quiet: 'no' }, 'quiet'],
    [{ ...put, jobs: {} }, 'jobs'],
    [{ ...put, gone: [5] }, 'gone'],
    [{ ...put, jobs: [{ ...job, id: '' }] }, 'id'],
    [{ ...put, jobs: [{ ...job, definition: {} }] }, 'definition'],
    [{ ...put, jobs: [{ ...job, startedAtMs: 'now' }] }, 'startedAtMs'],
  ] as const)
    expect(await said(wrong)).toMatchObject({
      ok: false,
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(field),
    });
});
