import { app } from 'electron';
import electronUpdater from 'electron-updater';

import { errorText } from '../../base/index.ts';
import type { Logger } from '../../base/index.ts';

export interface Updater {
  start(): void;
  /** For the diagnostics page. */
  status(): string;
}

/**
 * Looks for updates where the settings name a feed; without one it does nothing at all. A found update is downloaded
 * and put in place at the next quit, never while a person works.
 */
export function createUpdater(feed: string | null, logger: Logger): Updater {
  if (feed === null) return { start: () => undefined, status: () => 'off: no feed is set' };
  if (!app.isPackaged) return { start: () => undefined, status: () => 'off: not a packaged app' };
  let status = 'not looked yet';
  return {
    status: () => status,
    start: () => {
      const { autoUpdater } = electronUpdater;
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
      autoUpdater.checkForUpdates().catch(() => undefined); // told through `error`
    },
  };
}
