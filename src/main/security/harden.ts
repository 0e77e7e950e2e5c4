import { app } from 'electron';
import type { Session, WebContents, WebPreferences } from 'electron';

import type { Logger } from '../../base/index.ts';
import type { Surface } from '../../shared/index.ts';
import { appOrigin, serveApp } from './protocol.ts';

/** The web preferences of every page of ours; nothing that can be turned off is left to a default (checklist 1, 2). */
export function pagePreferences(
  surface: Surface,
  preload: string,
  session: Session,
): WebPreferences {
  return {
    preload,
    session,
    additionalArguments: [`--switchyard-surface=${surface}`],
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    navigateOnDragDrop: false,
    spellcheck: false, // its dictionaries would be a download
    disableDialogs: true, // an alert would be a native dialog in the app's name, with a gateway's words
  };
}

/**
 * Closes a session: files of the app only, no network, no permission, no download. A renderer speaks IPC and nothing
 * else, which also guards against a malicious dependency inside it.
 */
export function hardenSession(session: Session, rendererRoot: string, logger: Logger): void {
  serveApp(session, rendererRoot);
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    logger.warn('permission denied', { permission });
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => {
    answer({});
  });
  session.webRequest.onBeforeRequest((details, answer) => {
    const allowed =
      details.url.startsWith(`${appOrigin}/`) || details.url.startsWith('devtools://');
    if (!allowed)
      logger.warn('request blocked', { scheme: schemeOf(details.url), type: details.resourceType });
    answer({ cancel: !allowed });
  });
  session.on('will-download', (event) => {
    event.preventDefault();
  });
}

/** Locks every WebContents that ever comes to be: no navigation, no window, no webview (checklist 7). */
export function lockWebContents(logger: Logger): void {
  app.on('web-contents-created', (_event, contents) => {
    lock(contents, logger);
  });
}

function lock(contents: WebContents, logger: Logger): void {
  const refuse =
    (what: string) =>
    (event: { preventDefault(): void }): void => {
      event.preventDefault();
      logger.warn('navigation refused', { what });
    };
  contents.on('will-navigate', refuse('navigate'));
  contents.on('will-frame-navigate', refuse('frame'));
  contents.on('will-redirect', refuse('redirect'));
  contents.on('will-attach-webview', refuse('webview'));
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp'); // its UDP passes neither policy nor webRequest
  contents.setWindowOpenHandler(() => {
    logger.warn('navigation refused', { what: 'window' });
    return { action: 'deny' };
  });
  contents.on('preload-error', (_event, path, error) => {
    logger.error('preload failed', { path, error: error.message });
  });
  contents.on('render-process-gone', (_event, details) => {
    logger.error('renderer gone', { reason: details.reason, exitCode: details.exitCode });
  });
}

function schemeOf(url: string): string {
  return url.slice(0, Math.max(0, url.indexOf(':')));
}
