/** M9 of reference/trust.md: what a hostile web page, and another user of the computer, reach of the door for agents. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { manualClock } from '../../src/base/testing/manual-clock.ts';
import { readAddress } from '../../src/trust/door/address.node.ts';
import { askApp } from '../../src/trust/door/ask-app.node.ts';
import type { DoorRefusal } from '../../src/trust/door/refusals.ts';
import { asOtherUser, canBecomeOther } from '../../src/trust/door/testing/as-other-user.ts';
import { fakeDoor } from '../../src/trust/door/testing/fake-door.ts';
import type { openAgentDoor } from '../../src/trust/index.node.ts';
import { startEvilBrowser } from './evil-browser.ts';
import { evilPath, startEvilSite } from './evil-site.ts';
import { attackForms } from './forms.ts';

/** What became of one attempt. */
export interface Attempt {
  readonly name: string;
  /** How many requests arrived, how many were told to the log, and how many had a tool called. */
  readonly arrived: number;
  readonly refused: number;
  readonly calls: number;
  /** What the attacker saw. */
  readonly seen: string;
}

export interface LoopbackReport {
  readonly attempts: readonly Attempt[];
  /** Whether somebody who has the token and is no web page was served: else the refusals would mean nothing. */
  readonly isServing: boolean;
}

/** The door of the sources, or of changed ones. */
export interface DoorParts {
  readonly openAgentDoor: typeof openAgentDoor;
}

const body = JSON.stringify({
  call: { action: 'ask_work', to: 'work', text: 'Free?', purpose: '', answer: null },
});
/** A socket cannot be made here, so the door falls back to HTTP. */
const noSocket = '/dev/null/door.sock';

/** Opens a door and lets everything at it whose name holds `only`; needs a display and SWITCHYARD_ELECTRON. */
export async function attackLoopback(parts: DoorParts, only = ''): Promise<LoopbackReport> {
  const home = mkdtempSync(join(tmpdir(), 'swy-m9-'));
  const clock = manualClock();
  const broker = fakeDoor();
  let refused = 0;
  const opened = await parts.openAgentDoor({
    home,
    door: broker,
    onChange: broker.onChange,
    clock,
    clients: [{ id: 'home', domain: 'personal' }],
    refused: ({ count }: DoorRefusal) => (refused += count),
    socket: noSocket,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const address = readAddress(join(home, 'door'), 'home');
  if (address === null || !('port' in address.at)) throw new Error('the door has no port');
  const { port } = address.at;

  let arrived = 0;
  const count = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage };
    if (request.socket.localPort === port) arrived += 1;
  };
  subscribe('http.server.request.start', count);
  const attempts: Attempt[] = [];
  const attempt = async (name: string, act: () => Promise<string>): Promise<void> => {
    if (!name.includes(only)) return;
    const before = { arrived, refused, calls: broker.calls.length };
    const seen = await act();
    clock.advance(60_000); // the log is told of the rest, and a lock would end
    attempts.push({
      name,
      arrived: arrived - before.arrived,
      refused: refused - before.refused,
      calls: broker.calls.length - before.calls,
      seen,
    });
  };

  // The rebound name leads to another address of the loopback, whose port goes on to the door once the page is there.
  const evil = await startEvilSite('127.0.0.1', 0, null);
  const rebound = await startEvilSite('127.0.0.2', port, port);
  const browser = await startEvilBrowser(
    'MAP evil.example 127.0.0.1, MAP loopback.example 127.0.0.1, MAP rebound.example 127.0.0.2',
  );
  const pages = {
    evil: `http://evil.example:${evil.port}${evilPath}`,
    rebound: `http://rebound.example:${port}${evilPath}`,
  };
  try {
    for (const form of attackForms({ port, token: address.token, body }))
      await attempt(form.name, () => browser.attack(pages[form.from], form.script));
    if (canBecomeOther) {
      const url = `http://127.0.0.1:${port}/door`;
      const file = join(home, 'door', 'home.client.json');
      await attempt('another user: the token', () => asOtherUser('read', file));
      await attempt('another user: HTTP without it', () =>
        asOtherUser('post', JSON.stringify([url, body])),
      );
    }
    const calls = broker.calls.length;
    await askApp('home', address, body);
    return { attempts, isServing: broker.calls.length === calls + 1 };
  } finally {
    unsubscribe('http.server.request.start', count);
    await browser.close();
    await Promise.all([evil.close(), rebound.close()]);
    await opened.value.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** What is wrong with a report; empty when all was refused and told. */
export function problemsOf({ attempts, isServing }: LoopbackReport): readonly string[] {
  const problems = attempts.flatMap(({ name, arrived, refused, calls }) => [
    ...(calls > 0 ? [`${name}: ${calls} tool calls`] : []),
    ...(refused < arrived ? [`${name}: ${arrived} requests, ${refused} of them in the log`] : []),
  ]);
  if (attempts.every(({ arrived }) => arrived === 0)) problems.push('nothing arrived at all');
  if (!isServing) problems.push('a call with the token was not served, so this says nothing');
  return problems;
}
