/** One trial: a fresh pair, one fault at a random moment, and what a client and the gateways saw of it. */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { addresses, openLab, type Lab } from '../lab/lab.ts';
import { nowMs } from '../lab/commands.ts';
import { isolated } from '../lab/network.ts';
import { startProcess } from '../lab/process.ts';
import { changesOf, gapMs, overlapMs, reignsOf, staleEffects } from '../overlap.ts';
import { effectsOf, startProbe, type Probe } from '../world/light.ts';
import { gatewayIds } from '../world/pair.ts';
import { startSubject, type Subject, type SubjectName } from './subjects.ts';

export const faultNames = ['crash', 'freeze', 'lie', 'host loss', 'handoff', 'partition'] as const;
export type FaultName = (typeof faultNames)[number];

/** One raw row of the bench. Times are milliseconds. */
export interface TrialRow {
  readonly kind: 'trial';
  readonly subject: SubjectName;
  readonly fault: FaultName;
  readonly trial: number;
  /** Null: nobody took over within the limit. */
  readonly gapMs: number | null;
  /** The same for a client that goes by name; null without a name. */
  readonly gapByNameMs: number | null;
  /** For how long both gateways acted. */
  readonly overlapMs: number;
  readonly staleEffects: number;
  readonly changes: number;
  readonly load: number;
  readonly complaints: readonly string[];
}

/** A quarter of a minute without a takeover is written down as none. */
const takeoverLimitMs = 15_000;
/** The fault comes within this time after everything settled, so that it meets every phase of every interval. */
const phaseMs = 1_500;
/** How long a zombie that wakes, or a network that heals, is watched. */
const afterwardsMs = 1_500;
/** A rival has no epochs: a gateway that was silent for so long began anew. */
const silenceMs = 250;
const ids = Object.values(gatewayIds);

/** Whether a fault means anything to a subject. */
export function applies(fault: FaultName, subject: SubjectName): boolean {
  return !(subject.endsWith('lock') && (fault === 'host loss' || fault === 'partition'));
}

/** Runs a trial. Rejects when the pair does not come up, or A never served. */
export async function runTrial(
  subjectName: SubjectName,
  fault: FaultName,
  trial: number,
): Promise<TrialRow> {
  const lab = await openLab();
  try {
    const subject = await limited(startSubject(lab, subjectName), 'the pair did not settle');
    const probe = await startProbe(lab, 'probe', {
      everyMs: 2,
      by: { kind: 'addresses', addresses: subject.addresses },
    });
    const named = await startNamedProbe(lab, subject);
    const clients = named === null ? [probe] : [probe, named];
    await limited(
      Promise.all(clients.map((each) => each.serving(({ id }) => id === gatewayIds.a))),
      'gateway A never served',
    );
    await sleep(500 + Math.random() * phaseMs);
    const sinceMs = nowMs();
    const undo = await strike(lab, subject, fault);
    await Promise.race([
      Promise.all(clients.map((each) => each.serving(({ id }) => id === gatewayIds.b))),
      sleep(takeoverLimitMs),
    ]);
    await sleep(1_000);
    await undo();
    await sleep(afterwardsMs);
    const replies = await probe.end();
    const namedReplies = (await named?.end()) ?? [];
    await subject.stop();
    const effects = effectsOf(lab, ids);
    const hasEpochs = subjectName.startsWith('ours');
    return {
      kind: 'trial',
      subject: subjectName,
      fault,
      trial,
      gapMs: gapMs(replies, gatewayIds.a, sinceMs),
      gapByNameMs: gapMs(namedReplies, gatewayIds.a, sinceMs),
      overlapMs: overlapMs(reignsOf(effects, hasEpochs ? Infinity : silenceMs)),
      staleEffects: staleEffects(effects).length,
      changes: changesOf(replies),
      load: loadavg()[0] ?? 0,
      complaints: subject.complaints(),
    };
  } finally {
    await lab.close();
  }
}

/** Strikes; gives back what ends the fault, where it can end. */
async function strike(lab: Lab, subject: Subject, fault: FaultName): Promise<() => Promise<void>> {
  const none = async (): Promise<void> => undefined;
  const { process: gateway } = subject.gateways.a;
  switch (fault) {
    case 'crash':
      gateway.signal('SIGKILL');
      return none;
    case 'freeze':
      gateway.signal('SIGSTOP');
      return async () => gateway.signal('SIGCONT');
    case 'lie':
      await subject.gateways.a.faults({ lie: 'nonce' });
      return none;
    case 'host loss':
      await lab.hosts.a.losePower();
      return none;
    case 'handoff':
      await subject.handOver();
      return none;
    case 'partition':
      await lab.block(isolated('a'));
      return () => lab.block([]);
  }
}

async function startNamedProbe(lab: Lab, { name }: Subject): Promise<Probe | null> {
  return name === null
    ? null
    : startProbe(lab, 'probe-by-name', {
        everyMs: 2,
        by: { kind: 'name', server: addresses.witness, ...name },
      });
}

/** One raw row of what happens without any fault while the machine is busy. */
export interface BusyRow {
  readonly kind: 'busy';
  readonly subject: SubjectName;
  readonly loops: number;
  readonly trial: number;
  readonly seconds: number;
  /** How often the gateway that answers changed, though nothing was wrong. */
  readonly changes: number;
  readonly overlapMs: number;
  /** The longest time without a good answer. */
  readonly silenceMs: number;
}

/** Watches a healthy pair under busy loops. */
export async function runBusy(
  subjectName: SubjectName,
  loops: number,
  trial: number,
  seconds = 25,
): Promise<BusyRow> {
  const lab = await openLab();
  const burning: ReturnType<typeof startProcess>[] = [];
  try {
    const subject = await limited(startSubject(lab, subjectName), 'the pair did not settle');
    const probe = await startProbe(lab, 'probe', {
      everyMs: 10,
      by: { kind: 'addresses', addresses: subject.addresses },
    });
    await limited(
      probe.serving(({ id }) => id === gatewayIds.a),
      'gateway A never served',
    );
    for (let index = 0; index < loops; index += 1)
      burning.push(startProcess(`loop-${index}`, 'sh', ['-c', 'while :; do :; done']));
    await sleep(seconds * 1_000);
    await Promise.all(burning.map((loop) => loop.end()));
    const replies = await probe.end();
    await subject.stop();
    const effects = effectsOf(lab, ids);
    const times = replies.map(({ atMs }) => atMs);
    return {
      kind: 'busy',
      subject: subjectName,
      loops,
      trial,
      seconds,
      changes: changesOf(replies),
      overlapMs: overlapMs(
        reignsOf(effects, subjectName.startsWith('ours') ? Infinity : silenceMs),
      ),
      silenceMs: Math.max(0, ...times.map((atMs, index) => atMs - (times[index - 1] ?? atMs))),
    };
  } finally {
    for (const loop of burning) if (loop.isRunning()) loop.signal('SIGKILL');
    await lab.close();
  }
}

async function limited<T>(promise: Promise<T>, words: string): Promise<T> {
  const limit = new AbortController();
  const late = sleep(takeoverLimitMs * 2, undefined, { signal: limit.signal }).then(
    () => Promise.reject(new Error(words)),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    limit.abort();
  }
}
