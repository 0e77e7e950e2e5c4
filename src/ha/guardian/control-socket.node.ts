/**
 * The local socket on which apps attach to the guardian.
 *
 * Invariants
 * 1. Only this user can reach it: a folder closed to others, a socket closed to others (a named pipe on Windows).
 * 2. A client that says anything unknown, or too much, is told so and let go; the others do not notice.
 * 3. A client gets events only after it said `hello` and got a status.
 * 4. Every command is answered by one `done`, to the client that gave it.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { platform } from 'node:os';

import { assertNever, fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { PairCommandName } from '../../shared/index.ts';
import { createLineReader } from '../lines.ts';
import type { StartFailure } from '../model.ts';
import { preparePrivateFolder } from './paths.node.ts';
import { encodeMessage, maxLineLength, parseClientMessage } from './protocol.ts';
import type { ClientMessage, ServerMessage } from './protocol.ts';

export interface ControlHandlers {
  /** What a client that says hello is told, in order. */
  readonly greet: () => readonly ServerMessage[];
  readonly onSecret: (name: string, secret: string) => void;
  /** What came of it, in words. */
  readonly onCommand: (pairId: string, command: PairCommandName) => Promise<Result<string, string>>;
  readonly onStop: () => void;
}

export interface ControlSocket {
  /** Sends to every client that said hello. */
  broadcast(message: ServerMessage): void;
  /** How many watchdogs are attached. */
  watchers(): number;
  /** Stops listening, lets the clients go, who are told that this is meant, and takes the socket file away. */
  close(): Promise<void>;
}

/** Listens at `path`; fails with words when it cannot. */
export async function openControlSocket(
  path: string,
  handlers: ControlHandlers,
): Promise<Result<ControlSocket, StartFailure>> {
  const folder = preparePrivateFolder(path);
  if (!folder.ok) return cannotCreate(folder.error);
  const cleared = await clearOldSocket(path);
  if (!cleared.ok) return cleared;

  const greeted = new Set<Socket>();
  const sockets = new Set<Socket>();
  const watchers = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const reader = createLineReader(maxLineLength);
    const say = (message: ServerMessage): void => {
      socket.write(encodeMessage(message));
    };
    const refuse = (reason: string): void => {
      say({ type: 'refused', reason });
      socket.destroySoon();
    };
    const take = (message: ClientMessage): void => {
      switch (message.type) {
        case 'hello':
          for (const greeting of handlers.greet()) say(greeting);
          greeted.add(socket);
          break;
        case 'credentials':
          handlers.onSecret(message.name, message.secret);
          break;
        case 'command':
          void handlers.onCommand(message.pairId, message.command).then((outcome) => {
            const words = outcome.ok ? outcome.value : outcome.error;
            say({ type: 'done', id: message.id, ok: outcome.ok, words }); // invariant 4
          });
          break;
        case 'watch':
          watchers.add(socket);
          break;
        case 'stop':
          handlers.onStop();
          break;
        default:
          assertNever(message);
      }
    };
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const lines = reader.push(text);
      if (lines === null) {
        refuse('the line is too long');
        return;
      }
      for (const line of lines) {
        const message = parseClientMessage(line);
        if (!message.ok) {
          refuse(message.error); // invariant 2
          return;
        }
        take(message.value);
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      greeted.delete(socket);
      watchers.delete(socket);
      sockets.delete(socket);
    });
  });

  const listening = await new Promise<Result<void, string>>((resolve) => {
    server.once('error', (error) =>
      resolve(fail(`${path} cannot be listened on (${error.message})`)),
    );
    server.listen(path, () => resolve(ok(undefined)));
  });
  if (!listening.ok) return cannotCreate(listening.error);
  if (platform() !== 'win32') chmodSync(path, 0o600);

  return ok({
    broadcast: (message) => {
      const line = encodeMessage(message);
      for (const socket of greeted) socket.write(line);
    },
    watchers: () => watchers.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of greeted) socket.write(encodeMessage({ type: 'ending' }));
        for (const socket of sockets) socket.destroySoon();
      }),
  });
}

/** Takes away the socket of a guardian that was killed; refuses where a living one answers or something else lies. */
async function clearOldSocket(path: string): Promise<Result<void, StartFailure>> {
  if (platform() === 'win32') return ok(undefined);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return ok(undefined);
  if (!found.isSocket())
    return cannotCreate(`${path} is there and is no socket; name another place, or remove it`);
  const answered = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
  if (answered) return fail({ code: 'running', words: `another guardian listens on ${path}` });
  unlinkSync(path);
  return ok(undefined);
}

function cannotCreate(words: string): Result<never, StartFailure> {
  return fail({ code: 'cannot-create', words });
}
