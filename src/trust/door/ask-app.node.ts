import { request as requestHttp } from 'node:http';
import { connect } from 'node:net';

import type { DoorAddress } from './address.node.ts';
import { doorPath, proofPath } from './http-way.node.ts';
import { isProof, newProofRequest } from './proof.node.ts';

/** An answer longer than this is none. */
const longestAnswer = 1024 * 1024;
/** The app answers within 45 s; a client of OpenClaw waits 60 s. */
const patienceMs = 55_000;

/**
 * Asks the app that runs; resolves to its answer, or to null when there is none: no app, no time, no end of words, or
 * somebody else where the app was, who then learns nothing.
 */
export function askApp(
  client: string,
  { at, token }: DoorAddress,
  request: string,
): Promise<string | null> {
  return 'socket' in at
    ? askSocket(at.socket, client, token, request)
    : askHttp(at.port, client, token, request);
}

function askSocket(
  path: string,
  client: string,
  token: string,
  request: string,
): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = newProofRequest(client);
    const socket = connect(path, () => socket.write(`${JSON.stringify(asked)}\n`));
    let heard = '';
    let isApp = false;
    const finish = (given: string | null): void => {
      resolve(given);
      socket.destroy();
    };
    socket.setEncoding('utf8');
    socket.setTimeout(patienceMs, () => finish(null));
    socket.on('data', (part: string) => {
      heard += part;
      if (heard.length > longestAnswer) finish(null);
      const end = heard.indexOf('\n');
      if (isApp || end < 0) return;
      isApp = isProof(heard.slice(0, end), token, asked);
      if (!isApp) {
        finish(null);
        return;
      }
      heard = heard.slice(end + 1);
      socket.write(`${token}\n${request}\n`);
    });
    socket.on('error', () => finish(null));
    socket.on('close', () => finish(isApp && heard.endsWith('\n') ? heard : null));
  });
}

async function askHttp(
  port: number,
  client: string,
  token: string,
  request: string,
): Promise<string | null> {
  const asked = newProofRequest(client);
  const proof = await post(port, proofPath, {}, JSON.stringify(asked));
  if (proof === null || !isProof(proof, token, asked)) return null;
  return post(port, doorPath, { authorization: `Bearer ${token}` }, request);
}

function post(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<string | null> {
  return new Promise((resolve) => {
    const all = {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const request = requestHttp(
      { host: '127.0.0.1', port, path, method: 'POST', agent: false, headers: all },
      (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          answer += part;
          if (answer.length > longestAnswer) request.destroy();
        });
        response.on('end', () => resolve(response.statusCode === 200 ? answer : null));
        response.on('error', () => resolve(null));
      },
    );
    request.setTimeout(patienceMs, () => request.destroy());
    request.on('error', () => resolve(null));
    request.end(body);
  });
}
