/**
 * A program between two others: passes UDP or TCP on, with faults, where the kernel has no `tc netem`.
 * `fault-proxy.ts udp|tcp LISTEN_IP:PORT TARGET_IP:PORT`; a JSON line of `Faults` on stdin changes them, answered by `ok`.
 *
 * Invariants
 * 1. A TCP stream keeps its order and loses nothing; a lost segment shows as the time of its repetition.
 * 2. A datagram that is not lost arrives once, or twice where duplicated, with its bytes unchanged.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface Faults {
  readonly delayMs?: number;
  /** The delay varies by up to this much in both directions. */
  readonly jitterMs?: number;
  readonly lossPercent?: number;
  readonly duplicatePercent?: number;
  /** Lets a datagram wait `reorderMs` longer, so that later ones overtake it. */
  readonly reorderPercent?: number;
  readonly reorderMs?: number;
  /** Loses every answer of the target. */
  readonly loseAnswers?: boolean;
  /** TCP: resets every connection, once. */
  readonly reset?: boolean;
}

/** What Linux waits at least before it repeats a TCP segment. */
const repeatAfterMs = 200;

let faults: Faults = {};
const connections = new Set<Socket>();

function happens(percent: number | undefined): boolean {
  return Math.random() * 100 < (percent ?? 0);
}

function delayMs(): number {
  const { delayMs: base = 0, jitterMs = 0 } = faults;
  return Math.max(0, base + (Math.random() * 2 - 1) * jitterMs);
}

function later(waitMs: number, run: () => void): void {
  if (waitMs <= 0) run();
  else setTimeout(run, waitMs);
}

function passDatagram(isAnswer: boolean, send: () => void): void {
  if (isAnswer && faults.loseAnswers === true) return;
  if (happens(faults.lossPercent)) return;
  const extraMs = happens(faults.reorderPercent) ? (faults.reorderMs ?? 20) : 0;
  later(delayMs() + extraMs, send);
  if (happens(faults.duplicatePercent)) later(delayMs(), send);
}

function proxyUdp(listen: Address, target: Address): void {
  const front = createSocket('udp4');
  const backs = new Map<string, UdpSocket>();
  front.on('message', (data, from) => {
    const key = `${from.address}:${from.port}`;
    let back = backs.get(key);
    if (back === undefined) {
      back = createSocket('udp4');
      back.on('error', () => undefined); // the target may be down; so is what it would have answered
      back.on('message', (answer) => {
        passDatagram(true, () => front.send(answer, from.port, from.address));
      });
      backs.set(key, back);
    }
    const outgoing = back;
    passDatagram(false, () => outgoing.send(data, target.port, target.host));
  });
  front.bind(listen.port, listen.host, ready);
}

function proxyTcp(listen: Address, target: Address): void {
  const server = createServer((front) => {
    const back = connect(target.port, target.host);
    for (const socket of [front, back]) {
      socket.setNoDelay(true);
      connections.add(socket);
      socket.on('close', () => connections.delete(socket));
    }
    pump(front, back, false);
    pump(back, front, true);
  });
  server.listen(listen.port, listen.host, ready);
}

/** Passes chunks on in order: none is due before the one in front of it. */
function pump(from: Socket, to: Socket, isAnswer: boolean): void {
  let lastDueMs = 0;
  from.on('data', (chunk) => {
    if (isAnswer && faults.loseAnswers === true) return;
    let waitMs = delayMs();
    for (let again = 1; happens(faults.lossPercent) && again < 7; again += 1)
      waitMs += repeatAfterMs * 2 ** (again - 1);
    const dueMs = Math.max(lastDueMs, performance.now() + waitMs);
    lastDueMs = dueMs;
    later(dueMs - performance.now(), () => {
      if (!to.destroyed) to.write(chunk);
    });
  });
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => to.destroy());
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function addressOf(text: string | undefined): Address {
  const [host, port] = (text ?? '').split(':');
  if (host === undefined || port === undefined)
    throw new Error('usage: fault-proxy.ts udp|tcp IP:PORT IP:PORT');
  return { host, port: Number(port) };
}

function ready(): void {
  process.stdout.write('ready\n');
}

const [kind, listen, target] = process.argv.slice(2);
(kind === 'udp' ? proxyUdp : proxyTcp)(addressOf(listen), addressOf(target));
createInterface({ input: process.stdin })
  .on('line', (line) => {
    faults = JSON.parse(line) as Faults;
    if (faults.reset === true) for (const socket of connections) socket.resetAndDestroy();
    process.stdout.write('ok\n');
  })
  .on('close', () => process.exit(0));
