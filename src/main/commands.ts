import { Menu } from 'electron';

import type { Core } from '../core/index.ts';
import type { AppState, PaletteCommand, PanelId, Translate } from '../shared/index.ts';

/** Something a person can do from the palette; with an accelerator also from the keyboard, wherever the focus is. */
export interface Command {
  readonly id: string;
  readonly label: string;
  /** Electron accelerator. */
  readonly key?: string;
  readonly run: () => void;
}

export interface CommandPorts {
  readonly core: Core;
  readonly t: Translate;
  readonly openPalette: () => void;
  readonly focusPane: (paneId: string) => void;
  readonly focusComposer: () => void;
  readonly quit: () => void;
}

const panels: readonly PanelId[] = ['rules', 'trust', 'failover', 'join', 'diagnostics'];

/** Everything the app can do, for the state as it is now: the palette's list and the source of the menu. */
export function listCommands(state: AppState, ports: CommandPorts): readonly Command[] {
  const { core, t } = ports;
  return [
    {
      id: 'palette',
      label: t('command.palette'),
      key: 'CommandOrControl+K',
      run: ports.openPalette,
    },
    {
      id: 'composer',
      label: t('command.composer'),
      key: 'CommandOrControl+L',
      run: ports.focusComposer,
    },
    ...state.panes.flatMap((pane, index) => [
      {
        id: `pane:${pane.id}`,
        label: t('command.pane', { name: pane.name }),
        ...(index < 9 ? { key: `CommandOrControl+${index + 1}` } : {}),
        run: () => {
          ports.focusPane(pane.id);
        },
      },
      {
        id: `session:${pane.id}`,
        label: t('command.session', { name: pane.name }),
        run: () => void core.newSession(pane.id),
      },
      ...(pane.running
        ? [
            {
              id: `stop:${pane.id}`,
              label: t('command.stop', { name: pane.name }),
              run: () => void core.stopRun(pane.id),
            },
          ]
        : []),
    ]),
    ...(['columns', 'rows', 'single'] as const).map((mode) => ({
      id: `mode:${mode}`,
      label: t(`command.mode.${mode}`),
      run: () => {
        core.setPaneMode(mode);
      },
    })),
    ...panels.map((panel) => ({
      id: `panel:${panel}`,
      label: t(`command.panel.${panel}`),
      run: () => {
        core.openPanel(panel);
      },
    })),
    ...(state.ui.panel === null
      ? []
      : [
          {
            id: 'panel:close',
            label: t('command.panel.close'),
            run: () => {
              core.openPanel(null);
            },
          },
        ]),
    ...state.gateways
      .filter((gateway) => gateway.state.phase !== 'ready')
      .map((gateway) => ({
        id: `reconnect:${gateway.id}`,
        label: t('command.reconnect', { name: gateway.name }),
        run: () => {
          core.reconnect(gateway.id);
        },
      })),
    ...state.gateways
      .filter(({ id }) => state.resting.includes(id))
      .map((gateway) => ({
        id: `wake:${gateway.id}`,
        label: t('command.wake', { name: gateway.name }),
        run: () => void core.wayBack.awake(gateway.id),
      })),
    ...(state.trust.edges.length === 0
      ? []
      : [
          {
            id: 'trust:cut',
            label: t('command.trust.cut'),
            key: 'CommandOrControl+Shift+Backspace',
            run: () => void core.trust.revoke(),
          },
        ]),
    { id: 'quit', label: t('command.quit'), key: 'CommandOrControl+Q', run: ports.quit },
  ];
}

/** The palette's view of a command. */
export function paletteEntry(command: Command): PaletteCommand {
  return {
    id: command.id,
    label: command.label,
    hint:
      command.key?.replace('CommandOrControl', process.platform === 'darwin' ? '⌘' : 'Ctrl') ?? '',
  };
}

/**
 * Installs the application menu. Its bar is hidden on Linux and Windows; what counts is that its accelerators work in
 * whichever view has the focus, and that text fields have the usual editing keys.
 */
export function installMenu(commands: readonly Command[]): void {
  const keyed = commands.filter((command) => command.key !== undefined);
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      {
        label: 'Switchyard',
        submenu: keyed.map((command) => ({
          id: command.id,
          label: command.label,
          ...(command.key === undefined ? {} : { accelerator: command.key }),
          click: command.run,
        })),
      },
      { role: 'editMenu' },
    ]),
  );
}
