import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createLogger } from '../base/index.ts';
import { systemClock } from '../base/index.node.ts';
import type { SettingsFile } from './ports.ts';
import { openSettingsFile, readSettings } from './settings-file.node.ts';
import { serialiseSettings } from './settings.ts';
import { defaultSettings } from './settings-schema.ts';
import { memorySettingsFile } from './testing/memory-stores.ts';

const demo = { ...defaultSettings, demo: true };
const broken = '{\n  "version": 1,\n  "demo": tru\n}\n';

describe('settings file', () => {
  let folder: string;
  let path: string;
  let opened: SettingsFile[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchyard-settings-'));
    path = join(folder, 'settings.json');
    opened = [];
  });
  afterEach(async () => {
    for (const file of opened) await file.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (at = path): Promise<SettingsFile> => {
    const file = await openSettingsFile(at, {
      clock: systemClock(),
      logger: createLogger('test', () => 0, []),
    });
    opened.push(file);
    return file;
  };
  const nextChange = (file: SettingsFile): Promise<void> =>
    new Promise((resolve) => {
      const stop = file.onChange(() => {
        stop();
        resolve();
      });
    });

  it('starts with the defaults and writes nothing until something changes', async () => {
    const file = await open(join(folder, 'new', 'settings.json'));
    expect(file.current()).toEqual(defaultSettings);
    expect(existsSync(join(folder, 'new', 'settings.json'))).toBe(false);
    expect(await file.update((settings) => ({ ...settings, demo: true }))).toEqual({
      ok: true,
      value: demo,
    });
    expect(readFileSync(join(folder, 'new', 'settings.json'), 'utf8')).toBe(
      serialiseSettings(demo),
    );
    expect(statSync(join(folder, 'new', 'settings.json')).mode & 0o777).toBe(0o600);
  });

  it('leaves no temporary file behind', async () => {
    const file = await open();
    await file.update(() => demo);
    expect(readdirSync(folder).sort()).toEqual(['settings.json', 'settings.json.bak']);
  });

  it('follows edits by a person, in place and by replacement', async () => {
    const file = await open();
    const first = nextChange(file);
    writeFileSync(path, serialiseSettings(demo));
    await first;
    expect(file.current()).toEqual(demo);
    const second = nextChange(file);
    writeFileSync(join(folder, 'draft.json'), serialiseSettings(defaultSettings));
    await rename(join(folder, 'draft.json'), path);
    await second;
    expect(file.current()).toEqual(defaultSettings);
  });

  it('keeps the last good settings while the file has a fault, names the line, and recovers', async () => {
    const file = await open();
    await file.update(() => demo);
    const fault = nextChange(file);
    writeFileSync(path, broken);
    await fault;
    expect(file.current()).toEqual(demo);
    expect(file.problems()).toMatchObject([{ line: 3 }]);
    const mended = nextChange(file);
    writeFileSync(path, serialiseSettings(defaultSettings));
    await mended;
    expect(file.problems()).toEqual([]);
    expect(file.current()).toEqual(defaultSettings);
  });

  it('never writes over a file with a fault, not even before the watch has told of it', async () => {
    const file = await open();
    await file.update(() => demo);
    writeFileSync(path, broken);
    const refused = await file.update((settings) => ({ ...settings, demo: false }));
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'storage', message: expect.stringContaining('line 3') as string },
    });
    expect(readFileSync(path, 'utf8')).toBe(broken);
  });

  it('changes what a person just wrote, not what was read before', async () => {
    const file = await open();
    await file.update(() => defaultSettings);
    writeFileSync(
      path,
      serialiseSettings({ ...defaultSettings, updates: { feed: 'https://feed.example/' } }),
    );
    const updated = await file.update((settings) => ({ ...settings, demo: true }));
    expect(updated).toMatchObject({
      ok: true,
      value: { demo: true, updates: { feed: 'https://feed.example/' } },
    });
  });

  it('starts with the last good settings when the file has a fault', async () => {
    const first = await open();
    await first.update(() => demo);
    writeFileSync(path, broken);
    const second = await open();
    expect(second.current()).toEqual(demo);
    expect(second.problems()).toMatchObject([{ line: 3 }]);
  });

  it('leaves a file of a newer version untouched', async () => {
    const newer = '{ "version": 7, "things": [] }';
    writeFileSync(path, newer);
    const file = await open();
    expect(file.problems()).toMatchObject([
      { line: 1, message: expect.stringContaining('newer Switchyard') as string },
    ]);
    expect((await file.update(() => demo)).ok).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(newer);
  });

  it('refuses a change that would not be valid', async () => {
    const file = await open();
    const refused = await file.update((settings) => ({ ...settings, domains: [] }));
    expect(refused).toMatchObject({ ok: false, error: { code: 'bad-input' } });
    expect(existsSync(path)).toBe(false);
    expect(file.current()).toEqual(defaultSettings);
  });

  it('does changes one after another', async () => {
    const file = await open();
    const feeds = ['a', 'b', 'c', 'd'].map((name) => `https://feed.example/${name}`);
    await Promise.all(
      feeds.map((feed) =>
        file.update((settings) => ({
          ...settings,
          updates: {
            feed: `${settings.updates.feed ?? ''}${settings.updates.feed === null ? feed : feed.slice(-1)}`,
          },
        })),
      ),
    );
    expect(file.current().updates.feed).toBe('https://feed.example/abcd');
  });

  it('keeps a symbolic link one', async () => {
    await mkdir(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere', 'real.json'), serialiseSettings(defaultSettings));
    await symlink(join(folder, 'elsewhere', 'real.json'), path);
    const file = await open();
    await file.update(() => demo);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'elsewhere', 'real.json'), 'utf8')).toBe(
      serialiseSettings(demo),
    );
  });

  it('names a file that cannot be read', async () => {
    await mkdir(path);
    const file = await open();
    expect(file.current()).toEqual(defaultSettings);
    expect(file.problems()).toMatchObject([
      { line: 1, message: expect.stringContaining('could not be read') as string },
    ]);
    expect((await file.update(() => demo)).ok).toBe(false);
    expect(await readSettings(path)).toMatchObject({ ok: false });
  });

  it('keeps the current settings when the file is taken away', async () => {
    const file = await open();
    await file.update(() => demo);
    const gone = nextChange(file);
    await rm(path);
    await gone;
    expect(file.current()).toEqual(demo);
    expect(file.problems()).toEqual([]);
  });

  it.each<
    [string, () => Promise<{ readonly file: SettingsFile; readonly spoil: () => Promise<void> }>]
  >([
    [
      'the real one',
      async () => {
        const file = await open();
        const spoil = async (): Promise<void> => {
          const told = nextChange(file);
          writeFileSync(path, broken);
          await told;
        };
        return { file, spoil };
      },
    ],
    [
      'its double',
      () => {
        const file = memorySettingsFile();
        const spoil = (): Promise<void> => {
          file.breakWith([{ line: 3, column: 1, path: '', message: 'fault' }]);
          return Promise.resolve();
        };
        return Promise.resolve({ file, spoil });
      },
    ],
  ])('behaves the same as %s', async (_name, make) => {
    const { file, spoil } = await make();
    const told: boolean[] = [];
    file.onChange(() => told.push(file.current().demo));
    expect(file.current()).toEqual(defaultSettings);
    expect(await file.update(() => demo)).toEqual({ ok: true, value: demo });
    expect(told).toEqual([true]);
    await spoil();
    expect(file.problems()).toMatchObject([{ line: 3 }]);
    expect(file.current()).toEqual(demo);
    expect(await file.update(() => defaultSettings)).toMatchObject({
      ok: false,
      error: { code: 'storage' },
    });
    expect(told).toEqual([true, true]);
    await file.close();
  });
});
