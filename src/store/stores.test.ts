import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

import { openDatabase } from './database.node.ts';
import { memoryDatabase } from './testing/memory-stores.ts';
import { describeStores } from './testing/store-conformance.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-stores-'));
let opened = 0;
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describeStores('memory', memoryDatabase);
describeStores('SQLite', () => {
  opened += 1;
  const database = openDatabase(join(folder, `${opened}.sqlite`));
  if (!database.ok) throw new Error(database.error.message);
  return database.value;
});
