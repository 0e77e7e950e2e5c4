/**
 * Our deep check for the rival: asks the gateway's service for a good answer with a fresh nonce and writes what it finds into
 * the file that keepalived tracks: 0 well, 1 not. `checker.ts PORT FILE EVERY_MS MISSES`.
 */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';

import type { ServiceAnswer } from '../light-words.ts';

const [port = '', file = '', everyText = '', missesText = ''] = process.argv.slice(2);
const everyMs = Number(everyText);
const allowed = Number(missesText);
let serial = 0;
let answered = true;
let misses = 0;
let written = 0;

const socket = createSocket('udp4');
socket.on('error', () => undefined); // nothing listens there: a miss
socket.on('message', (data) => {
  const answer = JSON.parse(data.toString('utf8')) as ServiceAnswer;
  if ('nonce' in answer && answer.nonce === `check-${serial}`) answered = true;
});

setInterval(() => {
  misses = answered ? 0 : misses + 1;
  const health = misses >= allowed ? 1 : 0;
  if (health !== written) writeFileSync(file, `${(written = health)}\n`);
  answered = false;
  socket.send(
    JSON.stringify({ nonce: `check-${(serial += 1)}`, isCheck: true }),
    Number(port),
    '127.0.0.1',
  );
}, everyMs);
