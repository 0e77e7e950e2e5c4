/**
 * A gateway that starts in a blink: the gateway double with our plugin's methods, a datagram service that acts only by its
 * lease, and faults on demand. It writes every effect down, for the overlap that is computed afterwards.
 *
 * `light-gateway.ts CONFIG.json` (`LightGatewayConfig`); a JSON line of `LightFaults` on stdin changes its faults, answered
 * by `ok`. Service and plugin methods share the port number of the gateway, over UDP and TCP.
 *
 * Invariants
 * 1. The service looks at the lease immediately before each effect, and writes the effect down before it answers.
 * 2. No fault but `unfenced` loosens the fence.
 */
import { createSocket } from 'node:dgram';
import { openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { startGatewayDouble } from '../../src/gateways/testing/gateway-double.node.ts';
import { nowMs } from './lab/commands.ts';
import { lightPlugin } from './light-plugin.ts';
import type {
  LightFaults,
  LightGatewayConfig,
  ServiceAnswer,
  ServiceQuestion,
} from './light-words.ts';

const ownWorkEveryMs = 5;

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as LightGatewayConfig;
const effects = openSync(config.effects, 'a');
let faults: LightFaults = {};

function writeDown(line: object): void {
  writeSync(effects, `${JSON.stringify(line)}\n`);
}

const plugin = lightPlugin(
  config,
  () => faults,
  (note) => writeDown({ ...note, id: config.id }),
);
const gateway = await startGatewayDouble({
  token: config.token,
  host: '0.0.0.0',
  port: config.port,
  answer: (text) =>
    faults.lie === 'empty' ? '' : faults.lie === 'nonce' ? 'something else' : `Echo: ${text}`,
  methods: plugin.methods,
  mayRun: plugin.mayRun,
  pause: () => (faults.slowMs === undefined ? Promise.resolve() : sleep(faults.slowMs)),
});

const service = createSocket('udp4');
service.on('message', (data, from) => {
  const question = JSON.parse(data.toString('utf8')) as ServiceQuestion;
  const answer = (said: ServiceAnswer): void => {
    service.send(JSON.stringify(said), from.port, from.address);
  };
  if (question.turnMs !== undefined) runTurn(question.nonce, question.turnMs, answer);
  else if (faults.slowMs === undefined) answer(serve(question));
  else setTimeout(() => answer(serve(question)), faults.slowMs);
});

function runTurn(nonce: string, turnMs: number, answer: (said: ServiceAnswer) => void): void {
  const { id } = config;
  const end = plugin.beginTurn(`turn-${nonce}`);
  if (end === null) {
    answer({ id, refused: 'no turn may begin' });
    return;
  }
  answer({ id, begun: true });
  setTimeout(() => {
    const epoch = end();
    if (epoch !== null) writeDown({ atMs: nowMs(), id, epoch }); // invariant 1
    answer(epoch === null ? { id, refused: 'the turn was cut' } : { id, epoch, nonce });
  }, turnMs);
}

function serve({ nonce, isCheck }: ServiceQuestion): ServiceAnswer {
  const { id } = config;
  if (faults.lie !== undefined) return { id, epoch: 0, nonce: `not ${nonce}` };
  if (faults.disk !== undefined) return { id, refused: 'its disk takes nothing' };
  if (isCheck === true) return { id, epoch: 0, nonce };
  const epoch = plugin.actingEpoch();
  if (epoch === null) return { id, refused: 'it has no lease' };
  writeDown({ atMs: nowMs(), id, epoch }); // invariant 1
  return { id, epoch, nonce };
}

/** What a gateway does unasked: its channels and its cron. It goes on where no client can see it. */
setInterval(() => {
  const epoch = plugin.actingEpoch();
  if (epoch !== null) writeDown({ atMs: nowMs(), id: config.id, epoch });
}, ownWorkEveryMs);

await new Promise<void>((resolve) => service.bind(config.port, '0.0.0.0', resolve));

createInterface({ input: process.stdin })
  .on('line', (line) => {
    faults = JSON.parse(line) as LightFaults;
    gateway.behave(faults.model === 'hangs' ? 'never-answer' : 'normal');
    process.stdout.write('ok\n');
    if (faults.freezeMs !== undefined)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, faults.freezeMs);
  })
  .on('close', () => process.exit(0));
process.stdout.write('ready\n');
