import { BaseWindow, nativeTheme, session, WebContentsView } from 'electron';
import type { WebContents } from 'electron';

import type { Logger } from '../../base/index.ts';
import { layoutWindow } from '../../shared/index.ts';
import type { AppState, PaneView, Rect } from '../../shared/index.ts';
import { hardenSession, pagePreferences } from '../security/harden.ts';
import { appOrigin } from '../security/protocol.ts';
import { overlayBounds } from './overlay.ts';
import type { OverlayPlacement } from './overlay.ts';

/**
 * The one window: the shell's page, one view per pane above it, the overlay above all.
 *
 * Invariants
 * 1. What a gateway sends is drawn only in its pane's view; each view has a session of its own, per domain and pane.
 * 2. Views lie where `layoutWindow` says, set in the same turn as a resize or a change of state.
 * 3. The overlay is the last child, so nothing is ever above a dialog.
 * 4. Tab goes round the ring shell → visible views → shell; while a dialog is open it stays in the overlay.
 */
export interface AppWindow {
  /** Brings the window to the front, opening it when it is hidden. */
  show(): void;
  /** Makes, places and removes views to match the state. */
  apply(state: AppState): void;
  placeOverlay(placement: OverlayPlacement): void;
  /** Moves the keyboard on from the page that has reached its edge. */
  moveFocus(from: WebContents, direction: 'forward' | 'backward'): void;
  focusComposer(): void;
  focusPane(paneId: string): void;
  /** Whether a person pressed a key or a button in this view within the last second; a script cannot make it true. */
  hasGesture(paneId: string): boolean;
  readonly shell: WebContents;
  readonly overlay: WebContents;
  view(paneId: string): WebContents | undefined;
  close(): void;
}

/** Where the keyboard comes into a page. */
export type FocusEntry = 'start' | 'end' | 'composer' | 'conversation';

export interface AppWindowOptions {
  readonly rendererRoot: string;
  readonly preload: string;
  readonly logger: Logger;
  /** Admits a page to the calls of its surface, before it is loaded. */
  readonly admitShell: (contents: WebContents) => void;
  readonly admitOverlay: (contents: WebContents) => void;
  readonly admitView: (contents: WebContents, pane: PaneView) => void;
  /** Tells a page where the keyboard comes in. */
  readonly enterFocus: (contents: WebContents, kind: 'shell' | 'view', from: FocusEntry) => void;
  /** A person clicked into a pane's view: seen by the window, so no page can claim it. */
  readonly clickedPane: (paneId: string) => void;
  readonly closing: () => void;
}

/** Opens the window, hidden until the shell has drawn itself. */
export function createAppWindow(options: AppWindowOptions): AppWindow {
  const window = new BaseWindow({
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 520,
    title: 'Switchyard',
    show: false,
    backgroundColor: background(),
  });
  window.setMenuBarVisibility(false);
  const views = new Map<string, { readonly view: WebContentsView; readonly paneKey: string }>();
  const gestures = new Map<string, number>();
  let shown: ReadonlySet<string> = new Set();
  let state: AppState | undefined;
  let overlayPlacement: OverlayPlacement = { kind: 'none' };
  let quitting = false;
  /** The other pages wait for the shell: they would only take its start from it. */
  let shellDrawn = false;

  const makePage = (surface: 'shell' | 'view' | 'overlay', partition: string): WebContentsView => {
    const own = session.fromPartition(partition);
    hardenSessionOnce(own, options);
    const view = new WebContentsView({
      webPreferences: pagePreferences(surface, options.preload, own),
    });
    view.setBackgroundColor(surface === 'overlay' ? '#00000000' : background());
    return view;
  };
  const load = (view: WebContentsView, surface: 'shell' | 'view' | 'overlay'): void => {
    const address = `${appOrigin}/${surface}.html`;
    view.webContents.loadURL(address).catch((error: unknown) => {
      options.logger.error('page did not load', { surface, error: String(error) });
    });
    reloadAfterCrash(view.webContents, options.logger);
  };

  const shell = makePage('shell', 'shell');
  const overlay = makePage('overlay', 'overlay');
  window.contentView.addChildView(shell);
  window.contentView.addChildView(overlay);
  options.admitShell(shell.webContents);
  options.admitOverlay(overlay.webContents);
  load(shell, 'shell');

  const contentSize = (): { width: number; height: number } => {
    const { width, height } = window.getContentBounds();
    return { width, height };
  };
  const place = (): void => {
    const size = contentSize();
    shell.setBounds({ x: 0, y: 0, ...size });
    const bounds = overlayBounds(overlayPlacement, size);
    overlay.setVisible(bounds !== null);
    if (bounds !== null) overlay.setBounds(bounds);
    if (state === undefined) return;
    const layout = layoutWindow(size, state);
    const visible = layout.panes.filter(
      (pane) => pane.view.width > 0 && pane.view.height > 0 && !covered(pane.view, layout.panel),
    );
    shown = new Set(visible.map((pane) => pane.paneId));
    for (const [paneId, { view }] of views) {
      const bounds = visible.find((pane) => pane.paneId === paneId)?.view;
      view.setVisible(bounds !== undefined);
      if (bounds !== undefined) view.setBounds(bounds);
    }
  };
  const hasGesture = (paneId: string): boolean =>
    Date.now() - (gestures.get(paneId) ?? 0) < gestureMs;
  const addView = (pane: PaneView): void => {
    const view = makePage('view', `view:${pane.domain}:${pane.id}`); // invariant 1; in memory only, nothing is stored
    options.admitView(view.webContents, pane);
    view.webContents.on('input-event', (_event, input) => {
      if (input.type === 'mouseDown' || input.type === 'rawKeyDown' || input.type === 'keyDown')
        gestures.set(pane.id, Date.now());
      if (input.type === 'mouseDown') options.clickedPane(pane.id);
    });
    window.contentView.addChildView(view, window.contentView.children.indexOf(overlay)); // invariant 3
    // A page takes the focus as it loads; a person who is typing in the shell must not lose it.
    view.webContents.once('did-finish-load', () => {
      if (view.webContents.isFocused() && !hasGesture(pane.id)) shell.webContents.focus();
    });
    load(view, 'view');
    views.set(pane.id, { view, paneKey: paneKey(pane) });
  };
  const removeView = (paneId: string): void => {
    const entry = views.get(paneId);
    if (entry === undefined) return;
    window.contentView.removeChildView(entry.view);
    entry.view.webContents.close();
    views.delete(paneId);
  };

  const arrange = (next: AppState): void => {
    for (const [paneId, entry] of [...views]) {
      const pane = next.panes.find((candidate) => candidate.id === paneId);
      if (pane === undefined || paneKey(pane) !== entry.paneKey) removeView(paneId);
    }
    for (const pane of next.panes) if (!views.has(pane.id)) addView(pane);
    place();
  };

  const ring = (): WebContents[] => {
    const inOrder =
      state?.panes
        .filter((pane) => shown.has(pane.id))
        .map((pane) => views.get(pane.id)?.view.webContents) ?? [];
    return [shell.webContents, ...inOrder.filter((contents) => contents !== undefined)];
  };

  window.on('resize', place);
  nativeTheme.on('updated', () => {
    window.setBackgroundColor(background());
    for (const view of [shell, ...[...views.values()].map((entry) => entry.view)])
      view.setBackgroundColor(background());
  });
  window.on('close', (event) => {
    if (quitting) return;
    event.preventDefault(); // the tray keeps the app; quitting is its own command
    window.hide();
    options.closing();
  });
  shell.webContents.once('dom-ready', () => {
    window.show();
    shell.webContents.focus();
    shellDrawn = true;
    load(overlay, 'overlay');
    if (state !== undefined) arrange(state);
  });

  return {
    shell: shell.webContents,
    overlay: overlay.webContents,
    view: (paneId) => views.get(paneId)?.view.webContents,
    show: () => {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    apply: (next) => {
      state = next;
      if (shellDrawn) arrange(next);
      else place();
    },
    placeOverlay: (placement) => {
      const opens = placement.kind === 'modal' && overlayPlacement.kind !== 'modal';
      const closes = placement.kind !== 'modal' && overlayPlacement.kind === 'modal';
      overlayPlacement = placement;
      place();
      if (opens) overlay.webContents.focus();
      if (closes) shell.webContents.focus();
    },
    hasGesture,
    moveFocus: (from, direction) => {
      if (!from.isFocused()) return; // only the page that has the keyboard may pass it on
      const order = ring();
      const step = direction === 'forward' ? 1 : -1;
      const target =
        order[(order.indexOf(from) + step + order.length) % order.length] ?? shell.webContents;
      target.focus();
      options.enterFocus(
        target,
        target === shell.webContents ? 'shell' : 'view',
        direction === 'forward' ? 'start' : 'end',
      );
    },
    focusComposer: () => {
      shell.webContents.focus();
      options.enterFocus(shell.webContents, 'shell', 'composer');
    },
    focusPane: (paneId) => {
      const contents = views.get(paneId)?.view.webContents;
      if (contents === undefined) return;
      contents.focus();
      options.enterFocus(contents, 'view', 'conversation');
    },
    close: () => {
      quitting = true;
      for (const paneId of [...views.keys()]) removeView(paneId);
      window.destroy();
    },
  };
}

const gestureMs = 1_000;

/** What a view belongs to for life; a pane whose domain or members change gets a new view. */
function paneKey(pane: PaneView): string {
  return `${pane.domain}/${pane.memberIds.join('+')}`;
}

function covered(view: Rect, panel: Rect | null): boolean {
  return panel !== null && panel.x <= view.x && panel.x + panel.width >= view.x + view.width;
}

const hardened = new WeakSet<Electron.Session>();

function hardenSessionOnce(own: Electron.Session, options: AppWindowOptions): void {
  if (hardened.has(own)) return;
  hardened.add(own);
  hardenSession(own, options.rendererRoot, options.logger);
}

/** A page whose process died is loaded again, at most three times in a minute: after that its fault is no accident. */
function reloadAfterCrash(contents: WebContents, logger: Logger): void {
  let crashes: number[] = [];
  contents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || contents.isDestroyed()) return;
    crashes = [...crashes.filter((at) => Date.now() - at < 60_000), Date.now()];
    if (crashes.length > 3)
      logger.error('page keeps crashing; left empty', { url: contents.getURL() });
    else contents.reload();
  });
}

/** The pages' own ground (`tokens.css`), so that a resize shows no second tone. */
function background(): string {
  return nativeTheme.shouldUseDarkColors ? '#16181c' : '#fcfcfd';
}
