import { BaseWindow, nativeTheme, session, WebContentsView } from 'electron';
import type { WebContents } from 'electron';

import type { Logger } from '../../base/index.ts';
import { layoutWindow } from '../../shared/index.ts';
import type { AppState, PaneView, Rect } from '../../shared/index.ts';
import { hardenSession, pagePreferences } from '../security/harden.ts';
import { appOrigin } from '../security/protocol.ts';
import { createGestures } from './gestures.ts';
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
 * 5. The keyboard moves by what a person pressed, or by main's own doing; a page that loads or asks does not get it.
 */
export interface AppWindow {
  /** Brings the window to the front, opening it when it is hidden. */
  show(): void;
  /** Makes, places and removes views to match the state. */
  apply(state: AppState): void;
  placeOverlay(placement: OverlayPlacement): void;
  /** Moves the keyboard on from the page that has reached its edge, if a person has just pressed Tab in it. */
  moveFocus(from: WebContents, direction: 'forward' | 'backward'): void;
  focusComposer(): void;
  focusPane(paneId: string): void;
  /** Whether a person's last press, of a key or a mouse button, was in this page and within a second; no script can make it true. */
  hasGesture(page: WebContents): boolean;
  /** The same, and uses the press up: it allows one thing. */
  takeGesture(page: WebContents): boolean;
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
  const gestures = createGestures(() => performance.now());
  let shown: ReadonlySet<string> = new Set();
  let state: AppState | undefined;
  let overlayPlacement: OverlayPlacement = { kind: 'none' };
  let quitting = false;
  /** The other pages wait for the shell: they would only take its start from it. */
  let shellDrawn = false;

  const modal = (): boolean => overlayPlacement.kind === 'modal';
  const watch = (page: WebContents): void => {
    const { id } = page;
    page.on('input-event', (_event, input) => {
      if (input.type === 'mouseDown') gestures.pressed(id, null);
    });
    page.on('before-input-event', (_event, input) => {
      if (input.type === 'keyDown') gestures.pressed(id, input.key);
    });
    // A page takes the focus as it loads, also again after a crash; a person who is typing must not lose it (invariant 5).
    page.on('did-finish-load', () => {
      if (page.isFocused() && !gestures.has(id)) (modal() ? overlay : shell).webContents.focus();
    });
  };

  const makePage = (surface: 'shell' | 'view' | 'overlay', partition: string): WebContentsView => {
    const own = session.fromPartition(partition);
    hardenSessionOnce(own, options);
    const view = new WebContentsView({
      webPreferences: pagePreferences(surface, options.preload, own),
    });
    view.setBackgroundColor(surface === 'overlay' ? '#00000000' : background());
    watch(view.webContents);
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
    if (bounds !== null) overlay.setBounds(bounds); // first, so that it never shows where it was before
    overlay.setVisible(bounds !== null);
    if (state === undefined) return;
    const layout = layoutWindow(size, state);
    const visible = layout.panes.filter(
      (pane) => pane.view.width > 0 && pane.view.height > 0 && !covered(pane.view, layout.panel),
    );
    shown = new Set(visible.map((pane) => pane.paneId));
    for (const [paneId, { view }] of views) {
      const bounds = layout.panes.find((pane) => pane.paneId === paneId)?.view;
      if (bounds !== undefined) view.setBounds(bounds); // a view under a panel too: it comes back in its place
      view.setVisible(shown.has(paneId));
    }
  };
  const addView = (pane: PaneView): void => {
    const view = makePage('view', `view:${pane.domain}:${pane.id}`); // invariant 1; in memory only, nothing is stored
    options.admitView(view.webContents, pane);
    view.webContents.on('input-event', (_event, input) => {
      if (input.type === 'mouseDown') options.clickedPane(pane.id);
    });
    window.contentView.addChildView(view, window.contentView.children.indexOf(overlay)); // invariant 3
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
    hasGesture: (page) => gestures.has(page.id),
    takeGesture: (page) => gestures.take(page.id),
    moveFocus: (from, direction) => {
      // Only the page that has the keyboard may pass it on, and only for a Tab that main has seen itself.
      if (modal() || !from.isFocused() || !gestures.takeTab(from.id)) return;
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
