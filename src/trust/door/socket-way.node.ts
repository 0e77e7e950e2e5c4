/**
 * The usual way in: a unix socket in a folder of this user only, or a named pipe. A connection is for one request: a line
 * that asks for our proof and a line with it, a line with the token and one with the request, and a line back.
 *
 * Invariants
 * 1. Nothing is kept of a connection beyond `longestRequest`, and no request is parsed before its token is known.
 * 2. At most `mostConnections` at once; each has `deadlineMs` to say what it wants.
 */
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { platform } from 'node:os';

import { errorText, fail, ok, type Result } from '../../base/index.ts';
import { preparePrivateFolder } from '../../base/index.node.ts';
import { longestRequest } from './protocol.ts';
import { mostConnections, type OpenWay, type WayOptions } from './way.ts';

/** Listens at `path`; the failure says why it cannot. */
export async function openSocketWay(
  path: string,
  options: WayOptions,
): Promise<Result<OpenWay, string>> {
  const folder = preparePrivateFolder(path);
  if (!folder.ok) return folder;
  if (platform() !== 'win32') {
    const old = lstatSync(path, { throwIfNoEntry: false });
    if (old !== undefined && !old.isSocket()) return fail(`${path} is there and is no socket`);
    // The app runs once for a profile, so this is what an earlier one left.
    rmSync(path, { force: true });
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    attend(socket, options);
  });
  server.maxConnections = mostConnections;
  server.on('drop', () => options.refusals.add('socket', 'connections'));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    if (platform() !== 'win32') chmodSync(path, 0o600);
  } catch (error) {
    server.close();
    return fail(`${path} cannot be listened on (${errorText(error)})`);
  }
  return ok({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  });
}

function attend(socket: Socket, { clock, answer, prove, refusals, deadlineMs }: WayOptions): void {
  const gone = new AbortController();
  const turnAway = (why: 'deadline' | 'request'): void => {
    refusals.add('socket', why);
    socket.destroy();
  };
  const cancelDeadline = clock.after(deadlineMs, () => turnAway('deadline'));
  let parts: Buffer[] = [];
  let length = 0;
  let hasProved = false;
  const take = (part: Buffer): void => {
    parts.push(part);
    length += part.length;
    if (length > longestRequest) {
      turnAway('request');
      return;
    }
    if (!part.includes(newline)) return;
    parts = [Buffer.concat(parts)];
    const [asked = '', token, request, ...rest] = String(parts[0]).split('\n');
    if (!hasProved) {
      const proof = prove(asked);
      if (proof === null) {
        turnAway('request');
        return;
      }
      hasProved = true;
      socket.write(`${proof}\n`);
    }
    if (token === undefined || request === undefined || rest.length === 0) return;
    cancelDeadline();
    socket.off('data', take);
    socket.resume();
    parts = [];
    void answer('socket', token, request, gone.signal).then((given) => {
      socket.end(`${JSON.stringify(given)}\n`);
    });
  };
  socket.on('data', take);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    cancelDeadline();
    gone.abort();
  });
}

const newline = 10;
