import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { _electron, expect } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import { contentSecurityPolicy } from '../../src/main/security/content-security-policy.ts';
import { channels } from '../../src/shared/ipc/channels.ts';
import type { AppState, OverlayState, PaneChange, RouteDecision } from '../../src/shared/index.ts';
import { setupOptions } from './pair-states.ts';
import { crossings, diagnostics, nothingTyped } from './states.ts';

type PageSurface = keyof typeof channels;

interface Mock {
  readonly replies: Map<string, unknown>;
  readonly calls: { readonly channel: string; readonly input: unknown }[];
  readonly requests: string[];
  readonly navigations: string[];
  open(options: object): Promise<void>;
}

declare global {
  var mock: Mock;
}

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A page under test, with main played by the test. */
export interface Stage {
  readonly page: Page;
  /** Puts in what a call answers from now on. */
  reply(channel: string, value: unknown): Promise<void>;
  fail(channel: string, message: string): Promise<void>;
  /** Tells the page something, as main would; several things in one go. */
  tell(channel: string, ...payloads: readonly unknown[]): Promise<void>;
  /** The inputs of all calls of a channel so far. */
  calls(channel: string): Promise<readonly unknown[]>;
  outside(): Promise<{
    readonly requests: readonly string[];
    readonly navigations: readonly string[];
  }>;
  /** Console errors and uncaught exceptions so far, violations of the page's policy among them. */
  readonly errors: readonly string[];
}

/** Starts the fixture on the Electron runtime. */
export async function launchFixture(): Promise<ElectronApplication> {
  const executablePath = process.env.SWITCHYARD_ELECTRON;
  if (executablePath === undefined || !existsSync(executablePath)) {
    throw new Error(
      'SWITCHYARD_ELECTRON names no Electron runtime; run the tests through “npm test”.',
    );
  }
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return _electron.launch({
    executablePath,
    args: [...root, '--disable-gpu', resolve(import.meta.dirname, 'main.cjs')],
    env: {
      ...(process.env as Record<string, string>),
      SWITCHYARD_PAGE_POLICY: contentSecurityPolicy,
    },
  });
}

/** Opens a page of the app with `replies` in place before its first call. */
export async function openPage(
  app: ElectronApplication,
  surface: PageSurface,
  replies: Readonly<Record<string, unknown>>,
  options: OpenOptions = {},
): Promise<Stage> {
  const { width = 1280, height = 800, dark = false } = options;
  const errors: string[] = [];
  const opened = app.waitForEvent('window');
  await app.evaluate(
    async (_electron, input) => {
      mock.replies.clear();
      mock.calls.length = 0;
      mock.requests.length = 0;
      mock.navigations.length = 0;
      for (const [channel, value] of Object.entries(input.replies))
        mock.replies.set(channel, { ok: true, value });
      void mock.open(input);
    },
    { surface, channels: channels[surface], width, height, dark, replies },
  );
  const page = await opened;
  page.on('console', (entry) => {
    if (entry.type() === 'error') errors.push(entry.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.waitForLoadState('load');
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });

  const put = (channel: string, reply: object): Promise<void> =>
    app.evaluate(
      (_electron, input) => {
        mock.replies.set(input.channel, input.reply);
      },
      { channel, reply },
    );
  return {
    page,
    errors,
    reply: (channel, value) => put(channel, { ok: true, value }),
    fail: (channel, message) =>
      put(channel, { ok: false, error: { code: 'internal', message, retryable: true } }),
    tell: (channel, ...payloads) =>
      app.evaluate(
        ({ BrowserWindow }, input) => {
          for (const window of BrowserWindow.getAllWindows())
            for (const payload of input.payloads) window.webContents.send(input.channel, payload);
        },
        { channel, payloads },
      ),
    calls: async (channel) => {
      const all: Mock['calls'] = await app.evaluate(() => mock.calls);
      return all.filter((call) => call.channel === channel).map((call) => call.input);
    },
    outside: () => app.evaluate(() => ({ requests: mock.requests, navigations: mock.navigations })),
  };
}

/** Opens the shell on `state`; every preview answers `route`. */
export async function openShell(
  app: ElectronApplication,
  state: AppState,
  options: OpenOptions & { readonly route?: RouteDecision } = {},
): Promise<Stage> {
  return openPage(
    app,
    'shell',
    {
      'state.get': state,
      'composer.load': { text: '', binding: null },
      'composer.preview': options.route ?? nothingTyped,
      'composer.send': { id: 'm9' },
      'trust.recent': crossings,
      'pairs.options': setupOptions,
      'diagnostics.get': diagnostics,
      'diagnostics.ping': 0,
    },
    options,
  );
}

/** Opens a gateway's view on a conversation. */
export async function openView(
  app: ElectronApplication,
  pane: PaneChange,
  options: OpenOptions = {},
): Promise<Stage> {
  return openPage(app, 'view', { 'pane.get': pane }, { width: 640, height: 560, ...options });
}

/** Opens the overlay on a state. */
export async function openOverlay(
  app: ElectronApplication,
  state: OverlayState,
  options: OpenOptions = {},
): Promise<Stage> {
  return openPage(app, 'overlay', { 'overlay.get': state }, options);
}

/** Fails on anything that axe finds on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const found = violations.map(({ id, nodes }) => ({
    id,
    at: nodes.map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`),
  }));
  expect(found).toEqual([]);
}
