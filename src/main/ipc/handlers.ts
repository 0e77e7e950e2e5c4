import type { Core } from '../../core/index.ts';
import { fail, ok } from '../../base/index.ts';
import { appError } from '../../shared/index.ts';
import type { Diagnostics, Reply, Translate } from '../../shared/index.ts';
import { checkLink, openLink } from '../security/open-link.ts';
import type { AppWindow } from '../windows/app-window.ts';
import type { Overlay } from '../windows/overlay.ts';
import { pairHandlers } from './pair-handlers.ts';
import type { Handlers } from './register.ts';
import { trustHandlers, withGesture } from './trust-handlers.ts';

export interface HandlerPorts {
  readonly core: Core;
  readonly overlay: Overlay;
  readonly window: () => AppWindow;
  readonly openPalette: () => void;
  readonly runCommand: (id: string) => void;
  readonly diagnostics: () => Diagnostics;
  readonly toastId: () => string;
  readonly t: Translate;
}

const done = ok(null);

/** What the shell may ask: everything a person can do, in every domain. */
export function shellHandlers(ports: HandlerPorts): Handlers<'shell', null> {
  const { core } = ports;
  return {
    state: { get: () => ok(core.state()) },
    composer: {
      load: () => ok(core.loadDraft()),
      preview: (draft) => ok(core.preview(draft)),
      send: ({ shown, ...draft }) => core.send(draft, shown),
      saveDraft: (draft) => core.saveDraft(draft),
      confirmation: (draft) => ok(core.trust.confirmation(draft)),
      confirm: ({ shown, digest, ...draft }, { webContents }) =>
        withGesture(ports, webContents, () => core.trust.confirm(draft, { paneId: shown, digest })),
    },
    outbox: { retry: ({ id }) => core.retry(id), discard: ({ id }) => core.discard(id) },
    panes: {
      focus: ({ paneId }) => {
        const focused = core.focusPane(paneId);
        if (focused.ok) ports.window().focusPane(paneId);
        return focused;
      },
      setMode: ({ mode }) => {
        core.setPaneMode(mode);
        return done;
      },
    },
    panel: {
      open: ({ panel }) => {
        core.openPanel(panel);
        return done;
      },
    },
    gateways: {
      reconnect: ({ gatewayId }) => {
        core.reconnect(gatewayId);
        return done;
      },
      start: ({ gatewayId }) => {
        core.startGateway(gatewayId);
        return done;
      },
      askToken: ({ gatewayId }) => askToken(ports, gatewayId),
    },
    rules: {
      setEnabled: ({ ruleId, enabled }) => core.setRuleEnabled(ruleId, enabled),
      move: ({ ruleId, by }) => core.moveRule(ruleId, by),
    },
    trust: trustHandlers(ports),
    pairs: pairHandlers(ports),
    palette: {
      open: () => {
        ports.openPalette();
        return done;
      },
    },
    focus: {
      leave: ({ direction }, { webContents }) => {
        ports.window().moveFocus(webContents, direction);
        return done;
      },
    },
    diagnostics: { get: () => ok(ports.diagnostics()), ping: (number) => ok(number) },
  };
}

function askToken({ core, overlay }: HandlerPorts, gatewayId: string): Reply<null> {
  const state = core.state();
  const gateway = state.gateways.find((candidate) => candidate.id === gatewayId);
  const domain = state.domains.find((candidate) => candidate.id === gateway?.domain);
  if (gateway === undefined || domain === undefined)
    return fail(appError('not-found', 'There is no such gateway.'));
  const opened = overlay.openDialog(
    { kind: 'token', gatewayId, gatewayName: gateway.name, domain },
    (value) => {
      if (value !== null && value.trim() !== '') void core.enterToken(gatewayId, value.trim());
    },
  );
  return opened ? done : anotherIsOpen();
}

function anotherIsOpen(): Reply<never> {
  return fail(appError('denied', 'Another question is open; answer that one first.'));
}

/** What the view of one pane may ask. The pane is the caller's own; no input can name another. */
export function viewHandlers(ports: HandlerPorts): Handlers<'view', { readonly paneId: string }> {
  const { core, overlay } = ports;
  return {
    pane: {
      get: (_input, { scope }) => {
        const pane = core.pane(scope.paneId);
        return pane === null ? fail(appError('not-found', 'This pane is gone.')) : ok(pane);
      },
    },
    session: {
      select: ({ key }, { scope }) => core.selectSession(scope.paneId, key),
      create: (_input, { scope }) => core.newSession(scope.paneId),
    },
    run: { stop: (_input, { scope }) => core.stopRun(scope.paneId) },
    link: {
      ask: ({ url }, { scope, webContents }) => {
        if (!ports.window().takeGesture(webContents))
          return fail(appError('denied', 'Links open after a click.'));
        const check = checkLink(url);
        if (!check.ok) {
          overlay.toast({ id: ports.toastId(), tone: 'warning', text: check.reason });
          return fail(appError('denied', check.reason));
        }
        const head = core.pane(scope.paneId)?.head;
        if (head === undefined) return fail(appError('not-found', 'This pane is gone.'));
        const opened = overlay.openDialog(
          { kind: 'link', url: check.url, host: check.host, from: head.name, domain: head.domain },
          () => void openLink(check),
        );
        return opened ? done : anotherIsOpen();
      },
    },
    copied: {
      text: ({ text }, { scope, webContents }) => {
        if (!webContents.isFocused() || !ports.window().hasGesture(webContents))
          return fail(appError('denied', 'Only a person copies: with a key or a click.'));
        core.copied(scope.paneId, text);
        return done;
      },
    },
    focus: {
      leave: ({ direction }, { webContents }) => {
        ports.window().moveFocus(webContents, direction);
        return done;
      },
    },
  };
}

/** What palette, dialogs and toasts may ask. */
export function overlayHandlers({ overlay, runCommand }: HandlerPorts): Handlers<'overlay', null> {
  return {
    overlay: {
      get: () => ok(overlay.state()),
      close: () => {
        overlay.close();
        return done;
      },
    },
    palette: {
      run: ({ id }) => {
        overlay.close();
        runCommand(id);
        return done;
      },
    },
    dialog: {
      confirm: ({ value }) => {
        overlay.confirm(value);
        return done;
      },
    },
    toast: {
      dismiss: ({ id }) => {
        overlay.dismiss(id);
        return done;
      },
    },
  };
}
