/**
 * Where a scenario is played: a lab with our pair, its register, dnsmasq and two clients (by address, by name).
 *
 * Invariants
 * 1. What must come is awaited, never timed: only the limit of the whole scenario says that it did not come.
 * 2. The verdict on two actives is computed from the gateways' own files after the end, not from what anybody believed.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FailoverProfile, PairView } from '../../../src/shared/index.ts';
import { nowMs } from '../lab/commands.ts';
import { addresses, openLab, type HostName, type Lab } from '../lab/lab.ts';
import type { Faults } from '../lab/fault-proxy.ts';
import type { LabProcess } from '../lab/process.ts';
import { changesOf, gapMs, overlapMs, reignsOf, staleEffects } from '../overlap.ts';
import type { Reply } from '../probe-words.ts';
import { effectsOf, leaseNotesOf, startProbe, type Probe } from '../world/light.ts';
import {
  gatewayIds,
  otherSide,
  sharedSecret,
  startPair,
  type Pair,
  type PairOptions,
  type Side,
} from '../world/pair.ts';
import {
  serviceName,
  startBind,
  startDnsmasq,
  startWitness,
  type Bind,
} from '../world/services.ts';

export interface Proxy {
  readonly at: { readonly host: string; readonly port: number };
  set(faults: Faults): Promise<void>;
}

export interface Stage {
  readonly lab: Lab;
  readonly pair: Pair;
  /** Null where BIND is the register. */
  witness: LabProcess | null;
  dnsmasq: LabProcess;
  bind: Bind | null;
  readonly probe: Probe;
  readonly byName: Probe;
  readonly proxies: ReadonlyMap<string, Proxy>;
  /** A line of the timeline. */
  say(words: string): void;
  /** Fails the scenario unless it holds. */
  check(holds: boolean, words: string): void;
  /** Resolves when the client's good answers come from `side`, from now on or since `sinceMs`. */
  serves(side: Side, sinceMs?: number): Promise<Reply>;
  /** Resolves when a guardian shows this. */
  shows(side: Side, fits: (view: PairView) => boolean): Promise<PairView>;
  /** Lets time pass in which nothing may change. */
  pass(leases: number): Promise<void>;
  /** Now, for `sinceMs`. */
  now(): number;
}

export type Setup = Partial<Omit<PairOptions, 'register' | 'profile'>> & {
  readonly register?: 'witness' | 'rfc2136' | 'lock';
  /** Fault proxies by name: before the register, or between the guardians. */
  readonly proxied?: readonly ('register-a' | 'register-b' | 'peer-a' | 'peer-b')[];
};

export interface Scenario {
  readonly number: number;
  readonly title: string;
  readonly setup?: Setup;
  /** Who answers at the end. */
  readonly endsWith: Side | 'either';
  /** How often the gateway that answers may have changed. */
  readonly changes: number | readonly [number, number];
  play(stage: Stage): Promise<void>;
}

export interface Outcome {
  readonly number: number;
  readonly title: string;
  readonly ok: boolean;
  /** What is wrong; empty when all is well. */
  readonly faults: readonly string[];
  readonly changes: number;
  readonly holder: string | null;
  readonly splitBrainMs: number;
  readonly staleEffects: number;
  /** Without a good answer, at the first change; null when nothing changed. */
  readonly gapMs: number | null;
  /** From the last effect of one gateway to the first of the next, at its shortest; null when nothing changed. */
  readonly marginMs: number | null;
  readonly alarms: readonly string[];
  readonly tookMs: number;
}

const limitMs = 90_000;
const leaseMs = { fast: 1_000, default: 2_000, safe: 5_000 };
const proxyPorts = { 'register-a': 7_501, 'register-b': 7_502, 'peer-a': 7_503, 'peer-b': 7_504 };

/** Plays a scenario in a lab of its own; `timeline` is a file for what happened. Never rejects. */
export async function play(
  scenario: Scenario,
  timeline: string | null,
  profile: FailoverProfile = 'default',
): Promise<Outcome> {
  const startedMs = nowMs();
  const faults: string[] = [];
  const say = (words: string): void => {
    if (timeline === null) return;
    mkdirSync(join(timeline, '..'), { recursive: true });
    appendFileSync(
      timeline,
      `${((nowMs() - startedMs) / 1_000).toFixed(3).padStart(8)}  ${words}\n`,
    );
  };
  say(`scenario ${scenario.number}: ${scenario.title}`);
  const lab = await openLab();
  const limit = new AbortController();
  try {
    let stage: Stage | null = null;
    const played = (async () => {
      stage = await setUp(lab, scenario, profile, say, faults);
      await scenario.play(stage);
    })();
    played.catch(() => undefined); // when the limit came first, nobody waits for it any more
    await Promise.race([
      played,
      sleep(limitMs, undefined, { signal: limit.signal }).then(() =>
        Promise.reject(new Error('what had to come did not come')),
      ),
    ]).catch((error: unknown) =>
      faults.push(error instanceof Error ? error.message : String(error)),
    );
    return await judge(lab, scenario, stage, faults, startedMs, say);
  } finally {
    limit.abort();
    await lab.close();
  }
}

async function setUp(
  lab: Lab,
  { setup = {}, ...scenario }: Scenario,
  profile: FailoverProfile,
  say: (words: string) => void,
  faults: string[],
): Promise<Stage> {
  const { register = 'witness', proxied = [], ...rest } = setup;
  const dnsmasq = await startDnsmasq(lab);
  const bind = register === 'rfc2136' ? await startBind(lab) : null;
  const witness = register === 'witness' ? await startWitness(lab, sharedSecret(lab)) : null;
  const proxies = new Map<string, Proxy>();
  for (const name of proxied) proxies.set(name, await startProxy(lab, name, register));
  const at = (side: 'register' | 'peer'): Partial<Record<Side, Proxy['at']>> => {
    const [a, b] = [proxies.get(`${side}-a`)?.at, proxies.get(`${side}-b`)?.at];
    return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
  };
  const options: PairOptions = {
    profile,
    dnsmasq: register !== 'lock',
    ...rest,
    registerAt: at('register'),
    peerAt: at('peer'),
    register:
      bind === null
        ? { kind: register === 'lock' ? 'lock' : 'witness' }
        : { kind: 'rfc2136', bind },
  };
  const pair = await startPair(lab, options);
  for (const side of ['a', 'b'] as const)
    pair.guardians[side].onLine((line) => say(`guardian ${side}: ${line}`));
  witness?.onLine((line) => say(`witness: ${line}`));
  await pair.settled('a');
  const probe = await startProbe(lab, 'probe', {
    everyMs: 2,
    by: { kind: 'addresses', addresses: pair.addresses },
  });
  const byName = await startProbe(lab, 'probe-by-name', {
    everyMs: 10,
    by: { kind: 'name', name: serviceName, server: addresses.witness, port: 7_000 },
  });
  probe.process.onLine((line) => say(`client: ${line}`));
  byName.process.onLine((line) => say(`client by name: ${line}`));
  await probe.serving(({ id }) => id === gatewayIds.a);
  say(`settled: gateway A is active (${scenario.title} begins)`);
  return {
    lab,
    pair,
    witness,
    dnsmasq,
    bind,
    probe,
    byName,
    proxies,
    say,
    check: (holds, words) => {
      say(`${holds ? 'holds' : 'DOES NOT HOLD'}: ${words}`);
      if (!holds) faults.push(words);
    },
    serves: (side, sinceMs = 0) =>
      probe.serving((reply) => reply.id === gatewayIds[side] && reply.atMs >= sinceMs),
    shows: (side, fits) => pair.feeds[side].until(fits),
    pass: (leases) => sleep(leases * leaseMs[options.profile]),
    now: nowMs,
  };
}

async function startProxy(
  lab: Lab,
  name: keyof typeof proxyPorts,
  register: NonNullable<Setup['register']>,
): Promise<Proxy> {
  const side: Side = name.endsWith('-a') ? 'a' : 'b';
  const at = { host: addresses.witness, port: proxyPorts[name] };
  const target = name.startsWith('register')
    ? `${addresses.witness}:${register === 'rfc2136' ? 5_300 : 7_300}`
    : `${addresses[otherSide(side)]}:7100`;
  const child = lab.hosts.witness.start(name, process.execPath, [
    join(import.meta.dirname, '../lab/fault-proxy.ts'),
    'udp',
    `${at.host}:${at.port}`,
    target,
  ]);
  await child.line((line) => line === 'ready');
  return {
    at,
    set: async (faults) => {
      const done = new Promise<void>((resolve) =>
        child.onLine((line) => {
          if (line === 'ok') resolve();
        }),
      );
      child.tell(JSON.stringify(faults));
      await done;
    },
  };
}

async function judge(
  lab: Lab,
  scenario: Scenario,
  stage: Stage | null,
  faults: string[],
  startedMs: number,
  say: (words: string) => void,
): Promise<Outcome> {
  const replies = (await stage?.probe.end()) ?? [];
  await stage?.byName.end();
  const alarms = [
    ...new Set(
      (['a', 'b'] as const).flatMap((side) =>
        (stage?.pair.feeds[side].events ?? [])
          .filter(({ kind }) => ['register', 'refused-takeover', 'error', 'killed'].includes(kind))
          .map(({ kind, reason }) => `${kind}: ${reason}`),
      ),
    ),
  ];
  stage?.pair.close();
  await Promise.all((['a', 'b'] as const).map((side: HostName) => lab.hosts[side].killAll()));
  const effects = effectsOf(lab, Object.values(gatewayIds));
  const reigns = reignsOf(effects);
  const splitBrainMs = overlapMs(reigns);
  const stale = staleEffects(effects).length;
  const changes = changesOf(replies);
  const holder = replies.findLast((reply) => !reply.isStale)?.id ?? null;
  const margins = reigns.flatMap((reign, index) => {
    const next = reigns[index + 1];
    return next === undefined || next.id === reign.id ? [] : [next.fromMs - reign.toMs];
  });
  const [least, most] =
    typeof scenario.changes === 'number' ? [scenario.changes, scenario.changes] : scenario.changes;
  if (splitBrainMs > 0) faults.push(`two were active for ${splitBrainMs.toFixed(1)} ms`);
  if (stale > 0) faults.push(`${stale} effects of an epoch that was over`);
  if (changes < least || changes > most)
    faults.push(
      `the role changed ${changes} times, not ${least === most ? least : `${least} to ${most}`}`,
    );
  const wanted =
    scenario.endsWith === 'either' ? Object.values(gatewayIds) : [gatewayIds[scenario.endsWith]];
  if (holder === null || !wanted.includes(holder))
    faults.push(`${holder ?? 'nobody'} answers at the end, not ${wanted.join(' or ')}`);
  for (const reign of reigns)
    say(`reign: ${reign.id} epoch ${reign.epoch}, ${Math.round(reign.toMs - reign.fromMs)} ms`);
  for (const note of leaseNotesOf(lab, Object.values(gatewayIds)))
    if (note.method !== 'switchyard.grant')
      say(
        `${note.id} at ${((note.atMs - startedMs) / 1_000).toFixed(3)}: ${note.method}, epoch ${note.epoch}, acting ${note.acting}`,
      );
  for (const fault of faults) say(`FAULT: ${fault}`);
  return {
    number: scenario.number,
    title: scenario.title,
    ok: faults.length === 0,
    faults: [...faults],
    changes,
    holder,
    splitBrainMs,
    staleEffects: stale,
    gapMs: changes === 0 ? null : gapMs(replies, gatewayIds.a, startedMs),
    marginMs: margins.length === 0 ? null : Math.min(...margins),
    alarms,
    tookMs: nowMs() - startedMs,
  };
}
