// Two guardians want the next epoch at once, thousands of times, on a real BIND: each time exactly one may get it, and the
// packet that won the epoch before, sent again, may change nothing.
//
//   contested-swaps [--rounds 10000]      ends with exit code 1 when a round had another outcome
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import type { RegisterRecord, RegisterSwap } from '../../src/ha/model.ts';
import type { Register } from '../../src/ha/ports.ts';
import { sameRecord } from '../../src/ha/register/record.ts';
import { sendRaw } from '../../src/ha/register/testing/faulty-datagrams.ts';
import { openUdp } from '../../src/ha/register/wire.node.ts';
import { startBind } from '../../src/ha/testing/bind.ts';
import type { RunningBind } from '../../src/ha/testing/bind.ts';
import { describeMachine } from '../bench/machine.ts';
import { writeResults } from '../bench/results-file.ts';
import { summarise } from '../bench/statistics.ts';
import { renderTable } from '../bench/table.ts';
import type { ContenderData, ContenderNews, ContenderTask } from './contender-worker.ts';
import { registerInBind } from './open-in-bind.ts';

interface Round {
  readonly tookMs: readonly [number, number];
  readonly winner: 'a' | 'b' | null;
  readonly results: readonly [RegisterSwap, RegisterSwap];
  readonly replayRefused: boolean;
}

const zone = 'home.lan';
const name = `gw.${zone}`;
const patienceMs = 5000;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10000' } } });
const wanted = Number(values.rounds);
if (!Number.isInteger(wanted) || wanted < 1) {
  process.stderr.write('usage: contested-swaps [--rounds N]\n');
  process.exit(64);
}

const bind = await startBind({ zone });
try {
  const at = new Date();
  const machine = describeMachine();
  const rounds = await contest(bind, wanted);
  const winners = rounds.flatMap(({ winner, tookMs }) =>
    winner === null ? [] : [tookMs[winner === 'a' ? 0 : 1]],
  );
  const pairs = rounds.map(({ tookMs }) => Math.max(...tookMs));
  const wins = (contender: 'a' | 'b'): number =>
    rounds.filter((round) => round.winner === contender).length;
  const oneWinner = wins('a') + wins('b');
  const replays = rounds.filter((round) => round.replayRefused).length;
  const lines = [
    renderTable([
      { what: 'contested swap (ms)', subject: 'the winner', summary: summarise(winners) },
      { what: 'contested swap (ms)', subject: 'both answered', summary: summarise(pairs) },
    ]),
    `exactly one winner, the other refused: ${oneWinner} of ${rounds.length} (a ${wins('a')}, b ${wins('b')})`,
    `replays of the epoch before refused:   ${replays} of ${rounds.length}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const path = writeResults('contested-swaps', at, { at: at.toISOString(), machine, rounds });
  process.stdout.write(`raw rows: ${path}\n`);
  process.exitCode = oneWinner === rounds.length && replays === rounds.length ? 0 : 1;
} finally {
  await bind.stop();
}

async function contest(server: RunningBind, count: number): Promise<readonly Round[]> {
  const barrier = new Int32Array(new SharedArrayBuffer(4));
  const { server: host, port, zone: served, key } = server;
  const data: ContenderData = { bind: { server: host, port, zone: served, key }, name, barrier };
  const contenders = [startContender(data), startContender(data)] as const;
  const judge = registerInBind(server, name);
  const rounds: Round[] = [];
  let held: RegisterRecord | null = null;
  let wonBefore: Uint8Array | null = null;
  try {
    for (let epoch = 1; epoch <= count; epoch += 1) {
      const wish = (holder: string, address: number): ContenderTask => ({
        round: epoch,
        expected: held,
        next: { epoch, holder, ctr: epoch, addr: `ws://10.0.0.${address}:18789` },
      });
      const [a, b] = await letGo(contenders, [wish('a', 1), wish('b', 2)], barrier);
      const winner = winnerOf(a.result, b.result);
      held = await present(judge);
      const replayRefused =
        wonBefore === null || (await changesNothing(server, wonBefore, judge, held));
      rounds.push({
        tookMs: [a.tookMs, b.tookMs],
        winner,
        results: [a.result, b.result],
        replayRefused,
      });
      wonBefore = winner === 'a' ? a.packet : winner === 'b' ? b.packet : null;
      if (epoch % 1000 === 0) process.stdout.write(`${epoch} of ${count}\n`);
    }
  } finally {
    for (const contender of contenders) await contender.terminate();
  }
  return rounds;
}

function startContender(workerData: ContenderData): Worker {
  return new Worker(new URL('./contender-worker.ts', import.meta.url), { workerData });
}

type Done = ContenderNews & { kind: 'done' };

async function letGo(
  contenders: readonly [Worker, Worker],
  tasks: readonly [ContenderTask, ContenderTask],
  barrier: Int32Array,
): Promise<readonly [Done, Done]> {
  const news = async (contender: Worker): Promise<ContenderNews> => {
    const [message] = (await once(contender, 'message')) as [ContenderNews];
    return message;
  };
  const [a, b] = contenders;
  const ready = Promise.all([news(a), news(b)]);
  a.postMessage(tasks[0]);
  b.postMessage(tasks[1]);
  await ready;
  const done = Promise.all([news(a), news(b)]);
  Atomics.store(barrier, 0, tasks[0].round);
  Atomics.notify(barrier, 0);
  return (await done) as [Done, Done];
}

function winnerOf(a: RegisterSwap, b: RegisterSwap): Round['winner'] {
  if (a.kind === 'swapped' && b.kind === 'conflict') return 'a';
  return b.kind === 'swapped' && a.kind === 'conflict' ? 'b' : null;
}

async function changesNothing(
  server: RunningBind,
  packet: Uint8Array,
  judge: Register,
  held: RegisterRecord | null,
): Promise<boolean> {
  const to = { host: server.server, port: server.port };
  const answer = await sendRaw(openUdp, to, packet, patienceMs);
  return answer !== null && sameRecord(await present(judge), held);
}

async function present(judge: Register): Promise<RegisterRecord | null> {
  const read = await judge.read();
  if (read.kind === 'unreadable') throw new Error(read.detail);
  return read.kind === 'found' ? read.record : null;
}
