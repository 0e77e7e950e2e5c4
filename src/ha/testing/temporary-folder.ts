import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is gone after the test; its name is short enough for sockets. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swy-ha-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
