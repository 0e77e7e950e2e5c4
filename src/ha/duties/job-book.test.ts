import { expect, it } from 'vitest';

import { newJobBookMemory, openJobBook } from './job-book.ts';
import type { JobBook, JobBookMemory } from './job-book.ts';
import { interruptedWords } from './model.ts';
import type { JobCopy } from './model.ts';
import { memoryScheduler, personsJob } from './testing/memory-scheduler.ts';
import type { MemoryScheduler } from './testing/memory-scheduler.ts';

interface Side {
  readonly book: JobBook;
  readonly scheduler: MemoryScheduler;
  readonly memory: JobBookMemory;
  acting: boolean;
  epoch: number;
  wallMs: number;
  saved: string | null;
  jobs(): Promise<readonly JobCopy[]>;
}

function side(saved: string | null = null): Side {
  const scheduler = memoryScheduler();
  const memory = newJobBookMemory(saved);
  const made: Side = {
    scheduler,
    memory,
    acting: false,
    epoch: 0,
    wallMs: 1_000_000,
    saved,
    book: openJobBook(memory, {
      scheduler: () => scheduler,
      acting: () => made.acting,
      epoch: () => made.epoch,
      save: (text) => (made.saved = text),
      wallMs: () => made.wallMs,
      warn: () => undefined,
    }),
    jobs: async () => (await made.book.look())?.jobs ?? [],
  };
  return made;
}

function put(jobs: readonly JobCopy[], change: object = {}) {
  return { epoch: 1, quiet: false, jobs, gone: [], ...change };
}

it('copies a job under its id, with how far it is, and writes nothing twice', async () => {
  const [a, b] = [side(), side()];
  a.scheduler.jobs.set(
    'j',
    personsJob('j', {
      state: { nextRunAtMs: 5, lastRunAtMs: 4, lastRunStatus: 'ok', queuedAtMs: 3 },
    }),
  );
  expect(await b.book.put(put(await a.jobs()))).toEqual({ kind: 'put', failed: [] });
  expect(b.scheduler.jobs.get('j')).toMatchObject({
    name: 'name of j',
    payload: { kind: 'command', argv: ['true'] },
    state: { nextRunAtMs: 5, lastRunAtMs: 4, lastRunStatus: 'ok' },
  });
  expect(b.scheduler.jobs.get('j')?.state).not.toHaveProperty('queuedAtMs');
  expect(b.scheduler.writes).toEqual(['add j', 'update j']);
  await b.book.put(put(await a.jobs()));
  expect(b.scheduler.writes).toEqual(['add j', 'update j']);
  expect(await b.jobs()).toEqual(await a.jobs());
});

it('makes a job anew whose definition changed, and unsets what is not said any more', async () => {
  const [a, b] = [side(), side()];
  a.scheduler.jobs.set('j', personsJob('j', { description: 'old' }));
  await b.book.put(put(await a.jobs()));
  a.scheduler.jobs.set('j', personsJob('j', { enabled: false, state: {} }));
  await b.book.put(put(await a.jobs()));
  expect(await b.jobs()).toEqual(await a.jobs());
  expect(b.scheduler.jobs.get('j')).not.toHaveProperty('description');
});

it('leaves alone what OpenClaw declares for itself', async () => {
  const [a, b] = [side(), side()];
  a.scheduler.jobs.set('system', personsJob('system', { declarationKey: 'heartbeat:main' }));
  expect(await a.jobs()).toEqual([]);
  b.scheduler.jobs.set('system', personsJob('system', { declarationKey: 'heartbeat:main' }));
  const [copy] = await (async () => {
    a.scheduler.jobs.set('system', personsJob('system', { name: 'other' }));
    return a.jobs();
  })();
  await b.book.put(put([copy!], { gone: ['system'] }));
  expect(b.scheduler.writes).toEqual([]);
});

it('writes a job that runs as interrupted, until it hears how it ended', async () => {
  const [a, b] = [side(), side()];
  a.scheduler.jobs.set('every', personsJob('every', { state: { runningAtMs: 7, nextRunAtMs: 6 } }));
  a.scheduler.jobs.set(
    'once',
    personsJob('once', { schedule: { kind: 'at' }, state: { runningAtMs: 7, nextRunAtMs: 6 } }),
  );
  await b.book.put(put(await a.jobs()));
  const cut = { lastRunAtMs: 7, lastRunStatus: 'skipped', lastError: interruptedWords };
  expect(b.scheduler.jobs.get('every')).toMatchObject({ enabled: true, state: cut });
  expect(b.scheduler.jobs.get('every')?.state.nextRunAtMs).toBeUndefined();
  expect(b.scheduler.jobs.get('once')).toMatchObject({ enabled: false, state: cut });
  a.scheduler.jobs.set(
    'every',
    personsJob('every', { state: { lastRunAtMs: 7, lastRunStatus: 'ok', nextRunAtMs: 9 } }),
  );
  await b.book.put(put(await a.jobs()));
  expect(b.scheduler.jobs.get('every')?.state).toMatchObject({
    lastRunStatus: 'ok',
    nextRunAtMs: 9,
  });
  expect(b.scheduler.jobs.get('every')?.state['lastError']).toBeUndefined();
});

it('tells of deletions, over a restart as well, but of no job that is there', async () => {
  const a = side();
  a.book.removed({ action: 'removed', jobId: 'j', job: personsJob('j') });
  a.book.removed({ action: 'removed', jobId: 's', job: personsJob('s', { declarationKey: 'x' }) });
  a.book.removed({ action: 'finished', jobId: 'f' });
  const again = side(a.saved);
  expect((await again.book.look())?.gone).toEqual(['j']);
  again.scheduler.jobs.set('j', personsJob('j'));
  expect((await again.book.look())?.gone).toEqual([]);
  const b = side();
  b.scheduler.jobs.set('j', personsJob('j'));
  await b.book.put(put([], { gone: ['j', 'never there'] }));
  expect(b.scheduler.writes).toEqual(['remove j']);
});

it('refuses while it may act, and whoever speaks for an older epoch', async () => {
  const [a, b] = [side(), side()];
  a.scheduler.jobs.set('j', personsJob('j'));
  b.acting = true;
  expect(await b.book.put(put(await a.jobs()))).toEqual({ kind: 'refused', reason: 'acting' });
  b.acting = false;
  b.epoch = 2;
  expect(await b.book.put(put(await a.jobs()))).toEqual({ kind: 'refused', reason: 'old-epoch' });
  await b.book.put(put([], { epoch: 4 }));
  expect(await b.book.put(put([], { epoch: 3 }))).toEqual({ kind: 'refused', reason: 'old-epoch' });
  expect(b.scheduler.writes).toEqual([]);
});

it('says which jobs were not taken', async () => {
  const [a, b] = [side(), side()];
  for (const id of ['good', 'bad']) a.scheduler.jobs.set(id, personsJob(id));
  b.scheduler.refuses.add('bad');
  expect(await b.book.put(put(await a.jobs()))).toEqual({ kind: 'put', failed: ['bad'] });
  expect([...b.scheduler.jobs.keys()]).toEqual(['good']);
});

it('knows until when the other gateway may have run what came due', async () => {
  const b = side();
  b.epoch = 1;
  expect(b.book.takeOver(b.wallMs)).toBe(-Infinity); // nobody was active before
  b.epoch = 2;
  expect(b.book.takeOver(b.wallMs)).toBe(-Infinity); // nobody in between
  const back = side(b.saved);
  back.epoch = 2;
  expect(back.book.takeOver(back.wallMs)).toBe(-Infinity); // the same turn, after a restart
  back.epoch = 4;
  expect(back.book.takeOver(back.wallMs)).toBe(Infinity); // somebody had the third, and was not heard

  const heard = side(b.saved);
  await heard.book.put(put([], { epoch: 3 }));
  heard.epoch = 4;
  expect(heard.book.takeOver(heard.wallMs + 10_000)).toBe(heard.wallMs + 1_500);
  await heard.book.put(put([], { epoch: 5, quiet: true }));
  heard.epoch = 6;
  expect(heard.book.takeOver(heard.wallMs + 10_000)).toBe(heard.wallMs);
  await heard.book.put(put([], { epoch: 7 }));
  heard.epoch = 8;
  expect(heard.book.takeOver(heard.wallMs + 61_000)).toBe(Infinity); // it may have run anything since
});
