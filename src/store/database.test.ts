import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openDatabase } from './database.node.ts';
import { outboxItem } from './testing/store-conformance.ts';

describe('database file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchyard-database-'));
    path = join(folder, 'profile', 'data.sqlite');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const open = () => {
    const opened = openDatabase(path);
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };

  it('keeps what was written when it is opened again', () => {
    const first = open();
    first.outbox.insert(outboxItem('a'));
    first.drafts.save({ text: 'half a thought', binding: null, labels: ['personal'] });
    first.close();
    const second = open();
    expect(second.outbox.get('a')).toEqual(outboxItem('a'));
    expect(second.drafts.load().text).toBe('half a thought');
    second.close();
  });

  it('takes the texts out of the routes of an older version', () => {
    open().close();
    const raw = new DatabaseSync(path);
    raw.exec(`
      PRAGMA user_version = 1;
      DROP TABLE role_change;
      CREATE INDEX outbox_by_pane ON outbox (pane_id, position);
      INSERT INTO route VALUES ('a', 1, '{"domain":"work","because":{"code":"named","name":"acme"},"text":"the old text"}');
    `);
    raw.close();
    const database = open();
    expect(database.routes.get('a')?.decision).toEqual({
      domain: 'work',
      because: { code: 'named', name: 'acme' },
      text: '',
    });
    database.close();
    expect(readFileSync(path).includes('the old text')).toBe(false);
  });

  it('has nothing left in its file of a message that was pruned', () => {
    const first = open();
    const text = 'a text that nobody needs any more';
    first.outbox.insert(outboxItem('a', { text, state: 'answered' }));
    first.outbox.insert(outboxItem('b'));
    first.close();
    expect(readFileSync(path).includes(text)).toBe(true);
    const second = open();
    second.outbox.pruneAnswered(2_000);
    second.close();
    for (const name of readdirSync(join(folder, 'profile')))
      expect(readFileSync(join(folder, 'profile', name)).includes(text), name).toBe(false);
  });

  it('is readable by its owner only, side files included', () => {
    const database = open();
    database.outbox.insert(outboxItem('a'));
    const names = readdirSync(join(folder, 'profile'));
    expect(names.length).toBeGreaterThan(1);
    for (const name of names)
      expect(statSync(join(folder, 'profile', name)).mode & 0o077, name).toBe(0);
    database.close();
  });

  it('loses nothing that was answered with ok when the process is killed', () => {
    open().close();
    const script = `
      import { openDatabase } from ${JSON.stringify(new URL('./database.node.ts', import.meta.url).href)};
      const opened = openDatabase(${JSON.stringify(path)});
      const item = ${JSON.stringify(outboxItem('killed'))};
      if (opened.value.outbox.insert(item).ok) process.stdout.write('stored');
      process.kill(process.pid, 'SIGKILL');
    `;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(child.stdout, child.stderr).toBe('stored');
    expect(child.signal).toBe('SIGKILL');
    const database = open();
    expect(database.outbox.get('killed')).toEqual(outboxItem('killed'));
    database.close();
  });

  it('keeps nothing and makes no file when it is opened in memory', () => {
    const database = openDatabase(':memory:');
    expect(database.ok && database.value.outbox.insert(outboxItem('a')).ok).toBe(true);
    if (database.ok) database.value.close();
    expect(existsSync(':memory:')).toBe(false);
    const again = openDatabase(':memory:');
    expect(again.ok && again.value.outbox.get('a')).toBeNull();
  });

  it('refuses a database of a newer version and leaves it as it is', () => {
    open().close();
    const raw = new DatabaseSync(path);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    const before = readFileSync(path);
    expect(openDatabase(path)).toMatchObject({
      ok: false,
      error: { code: 'storage', message: expect.stringContaining('newer Switchyard') as string },
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('refuses a file that is no database and leaves it as it is', () => {
    open().close();
    writeFileSync(path, 'not a database, but something a person may want back');
    expect(openDatabase(path)).toMatchObject({ ok: false, error: { code: 'storage' } });
    expect(readFileSync(path, 'utf8')).toContain('want back');
  });

  it('refuses a damaged database', () => {
    const database = open();
    for (let index = 0; index < 200; index += 1)
      database.outbox.insert(outboxItem(`m${index}`, { text: 'x'.repeat(500) }));
    database.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 8_192, 40_960);
    writeFileSync(path, bytes);
    expect(openDatabase(path)).toMatchObject({ ok: false, error: { code: 'storage' } });
  });

  it('answers with an error when the folder cannot be made', () => {
    writeFileSync(join(folder, 'profile'), 'a file where the folder should be');
    expect(openDatabase(path)).toMatchObject({ ok: false, error: { code: 'storage' } });
  });
});
