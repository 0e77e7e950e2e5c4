/**
 * Hands what the guardian of the other computer needs to whoever knows a pairing code, once.
 *
 * Invariants
 * 1. The code is never sent. Both sides make a key of it, slowly, and TLS (ECDHE-PSK) proves that they have the same one; what
 *    was recorded cannot be read later by whoever learns the code.
 * 2. A code is good for one taker, for a few guesses and for ten minutes, whichever ends first.
 * 3. What comes is data: it is checked before a file is written, and no name in it leads out of the folder.
 */
import { randomBytes, scrypt } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';

import { z } from 'zod';

import { fail, ok } from '../base/index.ts';
import type { Clock, Result } from '../base/index.ts';
import { tlsPsk } from '../ha/index.node.ts';
import { codeOf } from './pair-code.ts';
import type { Invitation } from './pair-code.ts';
import type { JoinContent } from './pair-join.ts';

/** How an offer ended: taken, given up after too many guesses, or too old. */
export type OfferEnd = 'taken' | 'guessed' | 'expired';

export interface Offer {
  readonly code: string;
  readonly port: number;
  readonly lastsMs: number;
  /** Takes the offer back; `ended` is not called. */
  close(): void;
}

const identity = 'switchyard-join';
const lastsMs = 10 * 60_000;
const mostGuesses = 5;
const talkLimitMs = 15_000;
const longest = 1_000_000;
const thanks = 'taken\n';
const cancelled = 'It was cancelled.';
const otherVersion =
  'What came is not what a Switchyard of this version gives. Use the same version on both computers.';

const plan = z.strictObject({
  folder: z.string().regex(/^[a-z0-9][a-z0-9-]{0,100}$/u),
  files: z
    .array(
      z.strictObject({
        name: z.string().regex(/^(?:secrets\/)?[a-z0-9][a-z0-9-]*(?:\.json)?$/u),
        text: z.string(),
      }),
    )
    .max(20),
  commands: z.array(z.string()).max(40),
}) satisfies z.ZodType<JoinContent>;

/** Slow on purpose: a tenth of a second for a taker, 60 bits of them for whoever guesses. */
function keyOf(code: string): Promise<Buffer> {
  const cost = { N: 32_768, r: 8, p: 1, maxmem: 67_108_864 };
  return new Promise((resolve, reject) => {
    scrypt(code, 'switchyard join 1', 32, cost, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/**
 * Offers `content` at an address of this computer until it is taken; rejects if it cannot listen there. `port`: 0 for any.
 */
export async function offerJoin(
  content: JoinContent,
  at: { readonly host: string; readonly port: number },
  { clock, ended }: { readonly clock: Clock; readonly ended: (how: OfferEnd) => void },
): Promise<Offer> {
  const code = codeOf(randomBytes(12));
  const key = await keyOf(code);
  let guesses = 0;
  let isTaken = false;
  const sockets = new Set<TLSSocket>();
  const server = createServer({
    ...tlsPsk,
    handshakeTimeout: talkLimitMs,
    pskCallback: (_socket, name) => {
      if (name !== identity || isTaken) return null;
      guesses += 1;
      if (guesses > mostGuesses) {
        end('guessed');
        return null;
      }
      return key;
    },
  });
  const close = (): void => {
    cancel();
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const end = (how: OfferEnd): void => {
    if (!server.listening) return;
    close();
    ended(how);
  };
  const cancel = clock.after(lastsMs, () => {
    end('expired');
  });
  server.on('tlsClientError', () => undefined); // it did not know the code, or was no client of ours
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    if (isTaken) {
      socket.destroy();
      return;
    }
    isTaken = true; // invariant 2, even if it does not get to the end
    sockets.add(socket);
    socket.setTimeout(talkLimitMs, () => socket.destroy());
    socket.on('data', () => socket.end());
    socket.on('close', () => {
      end('taken');
    });
    socket.write(`${JSON.stringify(content)}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: Error) => {
      cancel();
      reject(error);
    });
    server.listen(at.port, at.host, () => {
      const { port } = server.address() as { readonly port: number };
      resolve({ code, port, lastsMs, close });
    });
  });
}

/** Takes what is offered under a code, until `signal` ends it; never rejects. What went wrong is said in words. */
export async function takeJoin(
  { host, port, code }: Invitation,
  signal: AbortSignal,
): Promise<Result<JoinContent, string>> {
  const key = await keyOf(code);
  if (signal.aborted) return fail(cancelled);
  return new Promise((resolve) => {
    let heard = '';
    let settled = false;
    const settle = (result: Result<JoinContent, string>): void => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', stop);
      socket.end();
      resolve(result);
    };
    const socket = connect({
      ...tlsPsk,
      host,
      port,
      pskCallback: () => ({ psk: key, identity }),
      // There is no certificate to look at: the key is the proof.
      checkServerIdentity: () => undefined,
    });
    const stop = (): void => {
      settle(fail(cancelled));
      socket.destroy();
    };
    signal.addEventListener('abort', stop);
    socket.setEncoding('utf8'); // a character may come in two parts
    socket.setTimeout(talkLimitMs, () => {
      settle(fail(`${host}:${port} does not answer. Is the code still shown there?`));
      socket.destroy();
    });
    socket.on('error', (error: Error) => {
      settle(fail(wordsOf(error, `${host}:${port}`)));
    });
    socket.on('close', () => {
      settle(
        fail(`${host}:${port} ended the connection. The code may have been used or is too old.`),
      );
    });
    socket.on('data', (part: string) => {
      heard += part;
      if (heard.length > longest) {
        settle(fail('What came is too long.'));
        socket.destroy();
      }
      if (!heard.endsWith('\n')) return;
      const read = plan.safeParse(parsed(heard));
      if (!read.success) {
        settle(fail(otherVersion));
        return;
      }
      socket.write(thanks, () => {
        settle(ok(read.data));
      });
    });
  });
}

function wordsOf(error: Error & { readonly code?: string }, where: string): string {
  const { code = '' } = error;
  if (code.startsWith('ERR_SSL') || code === 'ECONNRESET' || code === 'EPROTO')
    return `${where} does not know this code: it was mistyped, used already, or is too old. Look at it again, or show a new one there.`;
  if (code === 'ECONNREFUSED')
    return `Nobody offers anything at ${where}. The code may have been used or is too old: show a new one there.`;
  return `${where} could not be reached: ${error.message}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
