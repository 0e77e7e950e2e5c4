import { join } from 'node:path';

import { Menu, nativeImage, Tray } from 'electron';

import type { AppState, Translate } from '../../shared/index.ts';
import { describeTray } from './describe-tray.ts';

export interface AppTray {
  apply(state: AppState): void;
  destroy(): void;
}

/** Puts the icon into the tray; it shows what `describeTray` says and is redrawn only when that changed. */
export function createAppTray(options: {
  readonly icons: string;
  readonly t: Translate;
  readonly open: () => void;
  readonly cutTrust: () => void;
  readonly quit: () => void;
}): AppTray {
  const image = (icon: string): Electron.NativeImage =>
    nativeImage.createFromPath(join(options.icons, `tray-${icon}.png`));
  const tray = new Tray(image('attention'));
  tray.on('click', options.open);
  let shown = '';
  return {
    apply: (state) => {
      const description = describeTray(state, options.t, Date.now());
      const key = JSON.stringify(description);
      if (key === shown) return;
      shown = key;
      tray.setImage(image(description.icon));
      tray.setToolTip(description.tooltip);
      tray.setContextMenu(
        Menu.buildFromTemplate([
          ...description.lines.map((label) => ({ label, enabled: false })),
          { type: 'separator' as const },
          ...(description.trusts
            ? [{ label: options.t('tray.trust.cut'), click: options.cutTrust }]
            : []),
          { label: options.t('tray.open'), click: options.open },
          { label: options.t('tray.quit'), click: options.quit },
        ]),
      );
    },
    destroy: () => {
      tray.destroy();
    },
  };
}
