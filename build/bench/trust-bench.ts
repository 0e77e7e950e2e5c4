import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLogger, delay, systemRandom } from '../../src/base/index.ts';
import type { Lifetime } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import { openWorkWorld, toWork } from '../../src/core/testing/work-world.node.ts';
import { memoryVault } from '../../src/gateways/testing/memory-vault.ts';
import {
  createBroker,
  createRosters,
  defaultLimits,
  defaultPolicyText,
  parsePolicy,
} from '../../src/trust/index.ts';
import type { AuditLog, TrustStore } from '../../src/trust/index.ts';
import { openTrustFolder } from '../../src/trust/index.node.ts';
import { memoryAuditLog } from '../../src/trust/testing/memory-audit-log.ts';
import { describeMachine, loadWarning } from './machine.ts';
import { writeResults } from './results-file.ts';
import { summarise } from './statistics.ts';
import { renderTable, type TableRow } from './table.ts';

const clock = systemClock();
const longestWaitMs = 60;
const roomy = [{ count: 1_000_000, withinMs: 1_000 }];
const grant = { calls: 10, bytesEach: 2_000, forMs: 60_000 };
const words = 'Is the review of the budget still on Friday, and who brings the numbers? ';
const question = words.repeat(26).slice(0, 1_900);

/**
 * What a crossing costs, and how soon a cut holds: calls up to the permission at the socket with the log in memory and on
 * disk, and cuts at random moments over real sockets. A slow figure is a figure.
 */
export async function benchTrust(cuts: number, lifetime: Lifetime): Promise<void> {
  const startedAt = new Date();
  const machine = describeMachine();
  const warning = loadWarning(machine);
  const folder = mkdtempSync(join(tmpdir(), 'swy-bench-'));
  lifetime.add(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const onDisk = await openTrustFolder({
    folder,
    vault: memoryVault(),
    clock,
    logger: createLogger('bench', () => clock.wallMs(), []),
  });
  if (!onDisk.ok) throw new Error(onDisk.error.message);

  const memoryMs = callsMs(memoryAuditLog(), memoryStore(), 2_000);
  const diskMs = callsMs(onDisk.value.log, onDisk.value.store, 1_000);
  await onDisk.value.log.close();
  const cut = await measureCuts(cuts, lifetime);

  const row = (what: string, values: readonly number[], target?: string): TableRow => ({
    what,
    subject: '',
    summary: summarise(values),
    ...(target === undefined ? {} : { target }),
  });
  const rows = [
    row('call of 1,900 characters to the socket, log in memory, ms', memoryMs),
    row('the same with the log on disk, ms', diskMs, 'p99 at most 10'),
    row('a cut, from the click until it is on disk, ms', cut.doneMs),
    row('last question that arrived at work after the click, ms', cut.lastMs, 'p99 at most 50'),
  ];
  const notes = [
    `${cuts} cuts with three calls under way; ${cut.late} questions arrived at work after the cut was done and a later message had arrived, ${cut.delivered} answers were delivered after it.`,
    'The work gateway is a double in the process of the app, whose model answers at once: what had left before the click is seen there only after the cut is done. 0 ms: nothing arrived after the click.',
    ...(warning === null ? [] : [warning]),
  ];
  const path = writeResults('trust', startedAt, {
    bench: 'trust',
    startedAt: startedAt.toISOString(),
    machine,
    cuts,
    notes,
    table: rows,
  });
  process.stdout.write(`
${machine.processor}, ${machine.cores} cores · ${machine.system} · load ${machine.load.toFixed(2)}

${renderTable(rows)}

${notes.map((note) => `- ${note}`).join('\n')}
${path}
`);
}

/** How long calls take from the tool call to the permission at the socket, findings and two records of the log included. */
function callsMs(
  log: Pick<AuditLog, 'append' | 'seal' | 'epoch' | 'unfinished'>,
  store: TrustStore,
  count: number,
): readonly number[] {
  const policy = parsePolicy(defaultPolicyText);
  const made = createRosters([{ pin: 'pin', domain: 'work' }]);
  if (!made.ok) throw new Error(made.error);
  let permittedAt = 0;
  const broker = createBroker({
    clock,
    random: systemRandom(),
    digest: (text) => text,
    log,
    store,
    link: {
      send: ({ destination }, mayLeave) => {
        if (mayLeave(destination.pin)) permittedAt = performance.now();
      },
      abort: () => undefined,
    },
    domains: () => ['personal', 'work'],
    rosters: () => made.value,
    policy: () => policy,
    destination: () => ({ gatewayId: 'acme', pin: 'pin', sessionKey: 'session' }),
    canaries: () => [],
    limits: { ...defaultLimits, rates: roomy },
  });
  broker.allow(toWork);
  const took = Array.from({ length: count }, () => {
    broker.grant(toWork, 'ask_work', grant);
    const beganAt = performance.now();
    const answer = broker.call(
      { id: 'home', domain: 'personal' },
      { action: 'ask_work', to: 'work', text: question, purpose: '', answer: { type: 'yes-no' } },
    );
    if (answer.status !== 'waiting' || permittedAt < beganAt)
      throw new Error(`A call did not get to the socket: ${JSON.stringify(answer)}`);
    broker.replied(answer.ticket, 'true');
    return permittedAt - beganAt;
  });
  broker.close();
  return took;
}

function memoryStore(): TrustStore {
  return {
    load: () => ({ epoch: 0, edges: [], tainted: [] }),
    save: () => ({ ok: true, value: null }),
  };
}

/** Cuts at random moments, each with three calls under way, over the files and sockets of the app. */
async function measureCuts(cuts: number, lifetime: Lifetime) {
  let lastAt = 0;
  /** Rounds that are over: what was written before their cut has arrived. */
  let over = 0;
  let late = 0;
  const world = await openWorkWorld((text) => {
    const round = /^Question \d of (\d+)/u.exec(text)?.[1];
    if (round === undefined) return 'true';
    lastAt = performance.now();
    if (Number(round) < over) late += 1;
    return 'true';
  });
  lifetime.add(world.stop);
  const doneMs: number[] = [];
  const lastMs: number[] = [];
  let delivered = 0;
  for (let round = 0; round < cuts && !lifetime.signal.aborted; round += 1) {
    world.nextDay();
    world.core.trust.allow(toWork);
    world.core.trust.grant(toWork, 'ask_work', grant);
    const calls = [1, 2, 3].map((number) => world.ask(`Question ${number} of ${round}?`));
    await delay(clock, Math.random() * longestWaitMs);
    const clickedAt = performance.now();
    world.core.trust.revoke();
    doneMs.push(performance.now() - clickedAt);
    // What had been written before the cut arrives before this.
    await world.say(`End of ${round}.`);
    lastMs.push(Math.max(0, lastAt - clickedAt));
    over = round + 1;
    delivered += calls.filter((call) => world.outcome(call).status !== 'not-available').length;
  }
  return { doneMs, lastMs, late, delivered };
}
