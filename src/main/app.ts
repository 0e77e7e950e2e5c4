import { join } from 'node:path';

import { app } from 'electron';

import { createLifetime, createLogger, errorText, systemRandom } from '../base/index.ts';
import { fileSink, systemClock } from '../base/index.node.ts';
import { openCore } from '../core/index.node.ts';
import { createTranslator } from '../shared/index.ts';
import { installMenu, listCommands, paletteEntry } from './commands.ts';
import type { Command } from './commands.ts';
import { collectDiagnostics } from './diagnostics.ts';
import { overlayHandlers, shellHandlers, viewHandlers } from './ipc/handlers.ts';
import type { HandlerPorts } from './ipc/handlers.ts';
import { assertContractMatchesChannels, registerSurface, sendEvent } from './ipc/register.ts';
import { describeAlarm, describeFailover } from './notifications/failover.ts';
import { notify } from './notifications/notify.ts';
import type { NotificationWords } from './notifications/notify.ts';
import { createPairAlarms } from './notifications/pair-alarms.ts';
import { appPaths, gatewayRuntime } from './platform/paths.ts';
import { createUpdater } from './platform/updater.ts';
import { lockWebContents } from './security/harden.ts';
import { createAppTray } from './tray/app-tray.ts';
import { createAppWindow } from './windows/app-window.ts';
import type { AppWindow } from './windows/app-window.ts';
import { createOverlay } from './windows/overlay.ts';

/**
 * The composition root of the desktop app: opens the core and projects its state into window, tray and notifications.
 * Rejects when the profile cannot be used at all.
 */
export async function runApp(home: string): Promise<void> {
  const clock = systemClock();
  const log = fileSink(join(home, 'logs', 'main.log'));
  const logger = createLogger('main', () => clock.wallMs(), [log.sink]);
  const random = systemRandom();
  const t = createTranslator(app.getLocale());
  const paths = appPaths();
  assertContractMatchesChannels();
  lockWebContents(logger.child('security'));

  const { core, about } = await openCore({
    home,
    version: app.getVersion(),
    runtime: gatewayRuntime(),
    guardianEntry: paths.guardianEntry,
    fencePlugin: paths.fencePlugin,
    t,
    clock,
    random,
    logger,
  });
  const updater = createUpdater(about.updateFeed, logger.child('updater'));

  let commands: readonly Command[] = [];
  let quitting: Promise<void> | null = null;
  const runCommand = (id: string): void => {
    commands.find((command) => command.id === id)?.run();
  };
  const openPalette = (): void => {
    overlay.openPalette(commands.filter((command) => command.id !== 'palette').map(paletteEntry));
  };
  const quit = (): void => {
    quitting ??= stop().finally(() => {
      app.exit(0);
    });
  };

  const cutTrust = (): void => {
    const cut = core.trust.revoke();
    if (!cut.ok) logger.error('the cut is not on disk yet', { error: cut.error.message });
  };

  const overlay = createOverlay((state, placement) => {
    sendEvent(window.overlay, 'overlay', 'overlay', 'changed', state);
    window.placeOverlay(placement);
  });
  const ports: HandlerPorts = {
    core,
    overlay,
    window: () => window,
    openPalette,
    runCommand,
    diagnostics: () => collectDiagnostics({ home, about, updates: updater.status(), core }),
    toastId: () => random.id(),
    t,
  };
  const shellPages = registerSurface('shell', shellHandlers(ports), logger.child('ipc'));
  const viewPages = registerSurface('view', viewHandlers(ports), logger.child('ipc'));
  const overlayPages = registerSurface('overlay', overlayHandlers(ports), logger.child('ipc'));

  const window: AppWindow = createAppWindow({
    rendererRoot: paths.rendererRoot,
    preload: paths.preload,
    logger: logger.child('window'),
    admitShell: (contents) => {
      shellPages.admit(contents, null);
    },
    admitOverlay: (contents) => {
      overlayPages.admit(contents, null);
    },
    admitView: (contents, pane) => {
      viewPages.admit(contents, { paneId: pane.id });
    },
    enterFocus: (contents, kind, from) => {
      if (kind === 'shell' && from !== 'conversation')
        sendEvent(contents, 'shell', 'focus', 'enter', { from });
      if (kind === 'view' && from !== 'composer')
        sendEvent(contents, 'view', 'focus', 'enter', { from });
    },
    clickedPane: (paneId) => {
      core.focusPane(paneId);
      sendEvent(window.shell, 'shell', 'composer', 'take', { binding: paneId });
    },
    closing: () => {
      logger.info('window hidden');
    },
  });
  const tray = createAppTray({ icons: paths.icons, t, open: window.show, cutTrust, quit });

  const project = (): void => {
    const state = core.state();
    window.apply(state);
    sendEvent(window.shell, 'shell', 'state', 'changed', state);
    tray.apply(state);
    const next = listCommands(state, {
      core,
      t,
      openPalette,
      focusPane: (paneId) => {
        core.focusPane(paneId);
        window.focusPane(paneId);
      },
      focusComposer: window.focusComposer,
      quit,
    });
    const changed = JSON.stringify(next) !== JSON.stringify(commands);
    commands = next;
    if (changed) installMenu(commands);
  };
  const projections = createLifetime();
  projections.add(core.onState(project));
  const tellView = core.onPane((paneId, change) => {
    const contents = window.view(paneId);
    if (contents !== undefined) sendEvent(contents, 'view', 'pane', 'changed', change);
  });
  const gatewayName = (gatewayId: string): string =>
    core.state().gateways.find((gateway) => gateway.id === gatewayId)?.name ?? gatewayId;
  const tell = (words: NotificationWords): void => {
    notify(words, () => {
      window.show();
      core.openPanel('failover');
    });
  };
  const tellPerson = core.onFailover((event, pair) => {
    const words = describeFailover(event, pair, gatewayName, t);
    if (words !== null) tell(words);
  });
  const alarms = createPairAlarms({
    clock,
    raise: (pair, alarm) => {
      tell(describeAlarm(pair, alarm, t));
    },
  });
  projections.add(
    core.onState((state) => {
      alarms.apply(state.pairs);
    }),
  );
  projections.add(alarms.stop);
  projections.add(tellView);
  projections.add(tellPerson);
  project();
  core.start();
  void updater.start();

  app.on('second-instance', window.show);
  app.on('activate', window.show);
  app.on('window-all-closed', () => undefined); // the tray keeps the app
  app.on('before-quit', (event) => {
    event.preventDefault();
    quit();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, quit);
  // A bug in one place must not take the conversations of all others with it, nor wait behind a dialog.
  process.on('uncaughtException', (error) => {
    logger.error('uncaught exception', { error: error.stack ?? errorText(error) });
  });
  process.on('unhandledRejection', (error) => {
    logger.error('unhandled rejection', { error: errorText(error) });
  });

  async function stop(): Promise<void> {
    await projections.stop(); // before the window goes: the core still changes while it stops
    tray.destroy();
    window.close();
    await core.stop({ leaveRunning: about.leaveRunning() });
    await log.close();
  }
}
