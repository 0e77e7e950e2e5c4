import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { gatewayFolder } from '../../src/gateways/index.node.ts';
import type { Rig } from './rig.ts';
import type { Side } from './rig-settings.ts';

/** A conversation beside the one that the pane shows. */
export const archive = 'agent:main:archive';

/** Begins the archive with a turn. */
export async function beginArchive(rig: Rig, side: Side): Promise<void> {
  const runId = 'archive-begins';
  await rig.rpc(side, 'chat.send', {
    sessionKey: archive,
    message: 'The first of many.',
    idempotencyKey: runId,
  });
  await rig.rpc(side, 'agent.wait', { runId, timeoutMs: 60_000 }, 65_000);
}

/** Appends messages to the archive of a gateway that runs, by OpenClaw itself in a second process, and without its model. */
export async function appendToArchive(
  rig: Rig,
  side: Side,
  count: number,
  text: string,
): Promise<void> {
  const { config, state } = gatewayFolder(rig.home, side);
  const program = join(import.meta.dirname, 'append-main.ts');
  const child = spawn(process.execPath, [program, archive, String(count), text], {
    env: { ...process.env, OPENCLAW_CONFIG_PATH: config, OPENCLAW_STATE_DIR: state },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (part) => (said += String(part)));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`nothing could be appended: ${said.slice(-500)}`);
}
