import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface EvilBrowser {
  /** Opens a page and runs a script in it; gives what the script saw. */
  attack(url: string, script: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts the Chromium of the Electron runtime, with names that lead where `resolverRules` says. */
export async function startEvilBrowser(resolverRules: string): Promise<EvilBrowser> {
  const electron = process.env['SWITCHYARD_ELECTRON'];
  if (electron === undefined)
    throw new Error('SWITCHYARD_ELECTRON is not set; run this through “npm test” or “npm run”.');
  const profile = mkdtempSync(join(tmpdir(), 'swy-evil-'));
  const child = spawn(
    electron,
    [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--user-data-dir=${profile}`,
      `--host-resolver-rules=${resolverRules}`,
      join(import.meta.dirname, 'evil-browser.cjs'),
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the browser ended; is there a display?');
    return line.value;
  };
  await next(); // it is ready
  return {
    attack: async (url, script) => {
      child.stdin.write(`${JSON.stringify({ url, script })}\n`);
      return String(JSON.parse(await next()));
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
