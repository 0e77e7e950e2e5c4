import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { app, dialog } from 'electron';
import type { WebContents } from 'electron';

import { errorText, fail, ok } from '../../base/index.ts';
import { appError } from '../../shared/index.ts';
import type { Reply } from '../../shared/index.ts';
import type { HandlerPorts } from './handlers.ts';
import type { Handlers } from './register.ts';

const done = ok(null);

/** Runs `act` for a key or a click that main itself saw on its way to this page; each serves one act. */
export function withGesture<Value>(
  { window, t }: Pick<HandlerPorts, 'window' | 't'>,
  page: WebContents,
  act: () => Reply<Value>,
): Reply<Value> {
  return window().takeGesture(page) ? act() : fail(appError('denied', t('gesture.needed')));
}

/**
 * What the shell may ask about trust. What lets something through takes a gesture of the person; what ends something does
 * not, so that nothing stands in its way.
 */
export function trustHandlers(ports: HandlerPorts): Handlers<'shell', null>['trust'] {
  const { trust } = ports.core;
  return {
    recent: () => ok(ports.core.recentDecisions()),
    allow: (edge, { webContents }) => withGesture(ports, webContents, () => trust.allow(edge)),
    revoke: ({ edge }) => trust.revoke(edge ?? undefined),
    disconnect: ({ domain }) => trust.disconnect(domain),
    approve: ({ digest }, { webContents }) =>
      withGesture(ports, webContents, () => trust.approve(digest)),
    decline: ({ digest }) => {
      trust.decline(digest);
      return done;
    },
    grant: ({ from, to, action, ...terms }, { webContents }) =>
      withGesture(ports, webContents, () => trust.grant({ from, to }, action, terms)),
    endGrants: () => {
      trust.endGrants();
      return done;
    },
    give: ({ handle, digest }, { webContents }) =>
      withGesture(ports, webContents, () => trust.give(handle, digest)),
    clearTaint: ({ domain }, { webContents }) =>
      withGesture(ports, webContents, () => trust.clearTaint(domain)),
    setAgentTools: ({ gatewayId, on }, { webContents }) =>
      on
        ? withGesture(ports, webContents, () => trust.setAgentTools(gatewayId, true))
        : trust.setAgentTools(gatewayId, false),
    agentToolsText: ({ gatewayId }) => {
      const text = trust.agentToolsText(gatewayId);
      return text.ok ? ok({ text: text.value }) : text;
    },
    verify: () => ok(trust.verify()),
    exportLog: ({ redacted }) => exportLog(ports, redacted),
  };
}

async function exportLog(
  { core }: HandlerPorts,
  redacted: boolean,
): Promise<Reply<{ readonly path: string | null; readonly records: number }>> {
  const exported = core.trust.exportLog(redacted);
  if (!exported.ok) return exported;
  const { text, records } = exported.value;
  const chosen = await dialog.showSaveDialog({
    defaultPath: join(app.getPath('documents'), 'switchyard-trust-log.json'),
    filters: [{ name: 'JSON', extensions: ['json'] }],
  });
  if (chosen.canceled) return ok({ path: null, records });
  try {
    await writeFile(chosen.filePath, text, { mode: 0o600 });
    return ok({ path: chosen.filePath, records });
  } catch (error) {
    return fail(appError('storage', errorText(error)));
  }
}
