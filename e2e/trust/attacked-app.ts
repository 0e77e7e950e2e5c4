/** The real app, started from any folder with its build, outside a test runner too. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { _electron } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import type { AppState, PaneChange, Reply } from '../../src/shared/index.ts';
import { ask, runtime } from '../app/app-run.ts';

export interface AttackedApp {
  readonly app: ElectronApplication;
  readonly shell: Page;
  readonly overlay: Page;
  state(): Promise<AppState>;
  view(paneId: string): Promise<Page>;
  close(): Promise<void>;
}

export interface AttackedAppOptions {
  /** The folder that has `package.json` and `out/`. */
  readonly root: string;
  readonly profile: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Switches of Chromium, `--name=value`. */
  readonly switches: readonly string[];
}

const startLimitMs = 60_000;

/** Starts it and waits for its pages. Rejects when one of them does not come. */
export async function startAttackedApp(options: AttackedAppOptions): Promise<AttackedApp> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = await _electron.launch({
    executablePath: runtime().electron,
    args: [
      ...asRoot,
      '--disable-gpu',
      ...options.switches,
      options.root,
      '--home',
      options.profile,
    ],
    env: { ...(process.env as Record<string, string>), ...options.environment },
    timeout: startLimitMs,
  });
  const page = (name: string): Promise<Page> =>
    until(`the page ${name}`, () =>
      Promise.resolve(app.windows().find((one) => one.url() === `app://bundle/${name}.html`)),
    );
  const shell = await page('shell');
  await shell.getByRole('textbox', { name: 'Message' }).waitFor({ timeout: startLimitMs });
  const overlay = await page('overlay');
  const views = new Map<string, Page>();
  return {
    app,
    shell,
    overlay,
    state: async () => valueOf(await ask<AppState>(shell, 'state.get')),
    view: async (paneId) => {
      const known = views.get(paneId);
      if (known !== undefined) return known;
      const found = await until(`the view of ${paneId}`, async () => {
        for (const one of app.windows()) {
          if (one.url() !== 'app://bundle/view.html') continue;
          const reply = await ask<PaneChange>(one, 'pane.get').catch(() => null);
          if (reply?.ok === true && reply.value.head.paneId === paneId) return one;
        }
        return undefined;
      });
      views.set(paneId, found);
      return found;
    },
    close: async () => {
      const child = app.process();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      void app.close().catch(() => undefined);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Asks again until there is an answer; rejects after `limitMs` with what was waited for. */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined>,
  limitMs = startLimitMs,
): Promise<Value> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await sleep(5);
  }
}

/** The value of a reply that has to be one. */
export function valueOf<Value>(reply: Reply<Value>): Value {
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value;
}
