/**
 * A run of the real app for a test: the Electron runtime, the built app, a profile folder of its own, and on request the
 * double of the desktop (session bus, notifications, tray). Everything it starts ends with `close`.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { _electron, expect } from '@playwright/test';
import type { ElectronApplication, Locator, Page } from '@playwright/test';

import type { AppState, PaneChange, Reply } from '../../src/shared/index.ts';

declare global {
  interface Window {
    /** The bridge, as the renderer declares it too. */
    readonly switchyard: unknown;
  }
}

export interface AppRun {
  readonly app: ElectronApplication;
  readonly home: string;
  readonly shell: Page;
  readonly overlay: Page;
  readonly composer: Locator;
  readonly route: Locator;
  /** The view of a pane. */
  view(paneId: string): Promise<Page>;
  /** The conversation's text as it is drawn in a pane's view. */
  conversation(paneId: string): Promise<Locator>;
  state(): Promise<AppState>;
  /** Waits until the state fits; what is still missing is in the failure. */
  until(what: string, fits: (state: AppState) => boolean, timeoutMs?: number): Promise<AppState>;
  /** Types into the composer and waits for a route that fits before Enter. */
  send(text: string, route: RegExp): Promise<void>;
  /** Lines of the main log, as text. */
  log(): string;
  close(): Promise<void>;
}

export interface AppRunOptions {
  readonly home: string;
  /** The double's address, where a test has one; else there is no session bus, and so no keyring. */
  readonly bus?: string;
}

/** A fresh profile folder. */
export function freshHome(): string {
  return mkdtempSync(join(tmpdir(), 'switchyard-e2e-'));
}

/** Waits until every gateway of the settings (two in a double world) is ready. */
export async function allReady(run: AppRun): Promise<void> {
  await run.until(
    'all gateways ready',
    ({ gateways }) =>
      gateways.length > 1 && gateways.every((gateway) => gateway.state.phase === 'ready'),
  );
}

/** The runtimes that set-up found; without them the tests cannot run, and say so. */
export function runtime(): {
  readonly node: string;
  readonly openclaw: string;
  readonly electron: string;
} {
  const found = {
    node: process.env.SWITCHYARD_NODE,
    openclaw: process.env.SWITCHYARD_OPENCLAW,
    electron: process.env.SWITCHYARD_ELECTRON,
  };
  const { node, openclaw, electron } = found;
  if (
    node === undefined ||
    openclaw === undefined ||
    electron === undefined ||
    !existsSync(electron)
  ) {
    throw new Error(
      'SWITCHYARD_NODE, SWITCHYARD_OPENCLAW and SWITCHYARD_ELECTRON must name the runtimes; run the tests through “npm test”.',
    );
  }
  return { node, openclaw, electron };
}

/** Starts the app and waits until the shell shows its composer. */
export async function startApp(options: AppRunOptions): Promise<AppRun> {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const { DBUS_SESSION_BUS_ADDRESS: _outside, ...environment } = process.env as Record<
    string,
    string
  >;
  const app = await _electron.launch({
    executablePath: runtime().electron,
    args: [...root, '--disable-gpu', resolve(import.meta.dirname, '../..'), '--home', options.home],
    env: { ...environment, DBUS_SESSION_BUS_ADDRESS: options.bus ?? 'unix:path=/nowhere' },
  });
  const page = async (name: string): Promise<Page> => {
    const found = (): Page | undefined =>
      app.windows().find((candidate) => candidate.url() === `app://bundle/${name}.html`);
    await expect.poll(() => found() !== undefined, { message: `the page ${name}` }).toBe(true);
    return found() as Page;
  };
  const shell = await page('shell');
  const composer = shell.getByRole('textbox', { name: 'Message' });
  const route = shell.getByRole('status', { name: 'Route' });
  await expect(composer).toBeVisible();

  const state = async (): Promise<AppState> => {
    const reply = await ask<AppState>(shell, 'state.get');
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.value;
  };
  const view = async (paneId: string): Promise<Page> => {
    let found: Page | undefined;
    await expect
      .poll(
        async () => {
          for (const candidate of app
            .windows()
            .filter((window) => window.url() === 'app://bundle/view.html')) {
            const reply = await ask<PaneChange>(candidate, 'pane.get').catch(() => null);
            if (reply?.ok === true && reply.value.head.paneId === paneId) found = candidate;
          }
          return found !== undefined;
        },
        { message: `the view of ${paneId}` },
      )
      .toBe(true);
    return found as Page;
  };
  return {
    app,
    home: options.home,
    shell,
    overlay: await page('overlay'),
    composer,
    route,
    view,
    conversation: async (paneId) => (await view(paneId)).getByRole('log'),
    state,
    until: async (what, fits, timeoutMs = 120_000) => {
      let last: AppState | undefined;
      await expect
        .poll(
          async () => {
            last = await state();
            return fits(last) ? 'yes' : summary(last);
          },
          { message: what, timeout: timeoutMs },
        )
        .toBe('yes');
      return last as AppState;
    },
    send: async (text, expected) => {
      await composer.fill(text);
      await expect(route).toHaveText(expected);
      await composer.press('Enter');
      await expect(composer).toHaveValue('');
    },
    log: () => readFileSync(join(options.home, 'logs', 'main.log'), 'utf8'),
    close: async () => {
      // Its process's end, not that of its streams: gateways and guardian that go on without it may still hold those.
      const ended = once(app.process(), 'exit');
      void app.close().catch(() => undefined);
      await ended;
    },
  };
}

/** Makes a call of a page's bridge, `area.method`, as its own code would. */
export function ask<Output>(page: Page, call: string, input?: unknown): Promise<Reply<Output>> {
  const [area = '', method = ''] = call.split('.');
  return page.evaluate(
    (asked) => {
      const bridge = window.switchyard as Record<
        string,
        Record<string, (input: unknown) => Promise<unknown>>
      >;
      return bridge[asked.area]?.[asked.method]?.(asked.input);
    },
    { area, method, input },
  ) as Promise<Reply<Output>>;
}

/** The pid of a managed gateway's process, from the supervisor's own record. */
export function gatewayPid(home: string, gatewayId: string): number {
  const record = JSON.parse(
    readFileSync(join(home, 'gateways', gatewayId, 'process.json'), 'utf8'),
  ) as { readonly pid: number };
  return record.pid;
}

/** Removes a profile folder after a test. */
export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function summary(state: AppState): string {
  const gateways = state.gateways.map(
    ({ id, state: at }) => `${id}: ${at.phase}${'reason' in at ? `/${at.reason}` : ''}`,
  );
  const pairs = state.pairs.map(
    (pair) =>
      `${pair.id}: ${pair.activeId} epoch ${pair.epoch} ${pair.cover} (${pair.coverReason})`,
  );
  const outbox = state.outbox.map((item) => `${item.paneId}: ${item.state} ${item.problem ?? ''}`);
  return [...gateways, ...pairs, ...outbox].join('; ');
}
