import { app } from 'electron';

import { errorText } from '../../base/index.ts';
import type { Logger } from '../../base/index.ts';

export interface Updater {
  start(): Promise<void>;
  /** For the diagnostics page. */
  status(): string;
}

/**
 * Looks for updates where the settings name a feed; without one it does nothing at all. A found update is downloaded
 * and put in place at the next quit, never while a person works.
 */
export function createUpdater(feed: string | null, logger: Logger): Updater {
  if (feed === null) return { start: () => Promise.resolve(), status: () => 'off: no feed is set' };
  if (!app.isPackaged)
    return { start: () => Promise.resolve(), status: () => 'off: not a packaged app' };
  let status = 'not looked yet';
  return {
    status: () => status,
    start: async () => {
      // Loaded here, because most starts do not need it.
      const { autoUpdater } = (await import('electron-updater')).default;
      autoUpdater.logger = null;
      autoUpdater.autoInstallOnAppQuit = true;
      autoUpdater.setFeedURL({ provider: 'generic', url: feed });
      autoUpdater.on('update-not-available', () => {
        status = 'up to date';
      });
      autoUpdater.on('update-downloaded', ({ version }) => {
        status = `${version} is put in place at the next quit`;
      });
      autoUpdater.on('error', (error) => {
        status = `the last look failed: ${errorText(error)}`;
        logger.warn('update failed', { error: errorText(error) });
      });
      await autoUpdater.checkForUpdates().catch(() => undefined); // told through `error`
    },
  };
}
