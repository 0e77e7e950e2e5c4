/** Light gateways and probes of a lab, and what they wrote down. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { processStartMarkNow } from '../../../src/gateways/process-start-mark.node.ts';
import { hostFolder, type HostName, type Lab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/process.ts';
import type { Effect, LeaseNote, LightFaults, LightGatewayConfig } from '../light-words.ts';
import type { ProbeConfig, Reply } from '../probe-words.ts';

const here = join(import.meta.dirname, '..');

export interface LightGateway {
  readonly process: LabProcess;
  readonly config: LightGatewayConfig;
  /** Resolves when the gateway has the faults. */
  faults(faults: LightFaults): Promise<void>;
}

/** Starts a light gateway; resolves when it listens. */
export async function startLightGateway(
  lab: Lab,
  host: HostName,
  config: Omit<LightGatewayConfig, 'effects'>,
): Promise<LightGateway> {
  const folder = hostFolder(lab, host);
  mkdirSync(folder, { recursive: true });
  const whole = { ...config, effects: effectsPath(lab, config.id) };
  const path = join(folder, `${config.id}.json`);
  writeFileSync(path, JSON.stringify(whole));
  const child = lab.hosts[host].start(config.id, process.execPath, [
    join(here, 'light-gateway.ts'),
    path,
  ]);
  await child.line((line) => line === 'ready');
  // As our supervisor does, so that the guardian of the host can see its end, and end it.
  writeFileSync(
    processRecord(lab, config.id),
    JSON.stringify({ pid: child.pid, startMark: processStartMarkNow(child.pid) }),
  );
  return {
    process: child,
    config: whole,
    faults: async (faults) => {
      const seen = new Promise<void>((resolve) =>
        child.onLine((line) => {
          if (line === 'ok') resolve();
        }),
      );
      child.tell(JSON.stringify(faults));
      await seen;
    },
  };
}

/** Where the record of a light gateway's process lies. */
export function processRecord(lab: Lab, id: string): string {
  return join(lab.folder, `${id}.pid`);
}

/** Every effect that gateways of this lab wrote down, whichever process of theirs did. */
export function effectsOf(lab: Lab, ids: readonly string[]): readonly Effect[] {
  return writtenDown(lab, ids).filter((line) => !('method' in line));
}

/** What became of each gateway's lease. */
export function leaseNotesOf(lab: Lab, ids: readonly string[]): readonly LeaseNote[] {
  return writtenDown(lab, ids).filter((line) => 'method' in line);
}

function writtenDown(lab: Lab, ids: readonly string[]): readonly (Effect | LeaseNote)[] {
  return ids.flatMap((id) => readLines(effectsPath(lab, id)) as (Effect | LeaseNote)[]);
}

export interface Probe {
  readonly process: LabProcess;
  /** Resolves with the first good answer, past or future, that another gateway than before gave and that fits. */
  serving(fits: (reply: Reply) => boolean): Promise<Reply>;
  /** Ends it and gives every answer that it got. */
  end(): Promise<readonly Reply[]>;
}

/** Starts a probe on the client's host. */
export async function startProbe(
  lab: Lab,
  name: string,
  config: Omit<ProbeConfig, 'out'>,
): Promise<Probe> {
  const folder = hostFolder(lab, 'client');
  mkdirSync(folder, { recursive: true });
  const out = join(folder, `${name}.jsonl`);
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...config, out }));
  const child = lab.hosts.client.start(name, process.execPath, [join(here, 'probe.ts'), path]);
  await child.line((line) => line === 'ready');
  const replyOf = (line: string): Reply | null =>
    line.startsWith('serving ') ? (JSON.parse(line.slice('serving '.length)) as Reply) : null;
  return {
    process: child,
    serving: async (fits) => {
      const line = await child.line((text) => {
        const reply = replyOf(text);
        return reply !== null && fits(reply);
      });
      return replyOf(line) as Reply;
    },
    end: async () => {
      child.closeInput();
      await child.exited;
      return readLines(out) as Reply[];
    },
  };
}

function effectsPath(lab: Lab, id: string): string {
  return join(lab.folder, `effects-${id}.jsonl`);
}

function readLines(path: string): readonly unknown[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
}
