/**
 * A client of the pair: asks for a good answer every few milliseconds and writes down each that it gets.
 *
 * `probe.ts CONFIG.json` (`ProbeConfig`). It asks every address it knows, as the app does, or the one that a name has now.
 * On stdout: `serving {Reply}` whenever another gateway answers than before. At the end:
 * `unanswered N of M`, questions that nobody answered well in time. On stdin: `TurnOrder`s, a JSON line each.
 *
 * Invariants
 * 1. An answer is good if it carries the nonce of a question that was asked less than `patienceMs` ago.
 * 2. An answer of an older epoch than was seen is never good: it is counted as stale.
 */
import { Resolver } from 'node:dns/promises';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import { nowMs } from './lab/commands.ts';
import type { ServiceAnswer } from './light-words.ts';
import type { ProbeConfig, Reply, TurnOrder } from './probe-words.ts';

const patienceMs = 1_000;

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ProbeConfig;
/** By question, and by round: all addresses are asked at once, and one good answer will do. */
const asked = new Map<string, number>();
const rounds = new Map<number, number>();
let unanswered = 0;
let addresses: readonly string[] = config.by.kind === 'addresses' ? config.by.addresses : [];
let serial = 0;
let maxEpoch = 0;
let servedBy: string | null = null;
let pending: string[] = [];

const socket = createSocket('udp4');
socket.on('error', () => undefined);
socket.on('message', (data) => {
  const atMs = nowMs();
  const answer = JSON.parse(data.toString('utf8')) as ServiceAnswer;
  if (!('nonce' in answer)) return;
  const askedAtMs = asked.get(answer.nonce);
  if (askedAtMs === undefined) return;
  asked.delete(answer.nonce);
  if (atMs - askedAtMs > patienceMs) return; // invariant 1
  const isStale = answer.epoch < maxEpoch; // invariant 2
  const reply: Reply = { atMs, askedAtMs, id: answer.id, epoch: answer.epoch, isStale };
  pending.push(JSON.stringify(reply));
  if (isStale) return;
  maxEpoch = answer.epoch;
  rounds.delete(Number(answer.nonce.split('/')[0]));
  if (answer.id === servedBy) return;
  servedBy = answer.id;
  process.stdout.write(`serving ${JSON.stringify(reply)}\n`);
});

function ask(): void {
  const atMs = nowMs();
  rounds.set((serial += 1), atMs);
  for (const [index, address] of addresses.entries()) {
    const nonce = `${serial}/${index}`;
    asked.set(nonce, atMs);
    const [host, port] = address.split(':');
    socket.send(JSON.stringify({ nonce }), Number(port), host, () => undefined);
  }
}

async function flush(): Promise<void> {
  const lines = pending;
  pending = [];
  if (lines.length > 0) await appendFile(config.out, `${lines.join('\n')}\n`);
  const oldestMs = nowMs() - patienceMs;
  for (const [nonce, atMs] of asked) {
    if (atMs >= oldestMs) break;
    asked.delete(nonce);
  }
  for (const [round, atMs] of rounds) {
    if (atMs >= oldestMs) break;
    rounds.delete(round);
    unanswered += 1;
  }
}

/** One long turn, asked of one address; its fate goes to stdout as `turn {…}`. */
function runTurn({ address, turnMs }: TurnOrder): void {
  const [host, port] = address.split(':');
  const own = createSocket('udp4');
  own.on('message', (data) => {
    const answer = JSON.parse(data.toString('utf8')) as ServiceAnswer;
    process.stdout.write(`turn ${JSON.stringify(answer)}\n`);
    if (!('begun' in answer)) own.close();
  });
  own.send(JSON.stringify({ nonce: `long-${turnMs}`, turnMs }), Number(port), host);
}

async function follow(name: string, server: string, port: number): Promise<void> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([server]);
  for (;;) {
    const found = await resolver.resolve4(name).catch(() => null);
    if (found !== null) addresses = found.map((address) => `${address}:${port}`);
    await new Promise((resolve) => setTimeout(resolve, config.everyMs * 5));
  }
}

setInterval(ask, config.everyMs);
setInterval(() => void flush(), 50);
if (config.by.kind === 'name') void follow(config.by.name, config.by.server, config.by.port);
createInterface({ input: process.stdin })
  .on('line', (line) => runTurn(JSON.parse(line) as TurnOrder))
  .on('close', () => {
    void flush().then(() => {
      process.stdout.write(`unanswered ${unanswered} of ${serial}\n`);
      process.exit(0);
    });
  });
process.stdout.write('ready\n');
