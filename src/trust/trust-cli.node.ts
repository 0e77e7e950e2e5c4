import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { errorText } from '../base/index.ts';
import { replaceFile } from '../base/index.node.ts';
import { problemText } from '../store/index.ts';
import { homePaths, readSettings, resolveHome } from '../store/index.node.ts';
import type { Checkpoint } from './audit/format.ts';
import { checkLog, logFolders, worstOf } from './audit/check-logs.node.ts';
import { exportLog } from './audit/export-log.node.ts';
import { isCutRequested, requestCut } from './cut-request.node.ts';
import { decisionLogPath, formerLogPath } from './decision-log.node.ts';
import { checkEdges } from './edges.ts';
import { graphText, policyGraph } from './graph.ts';
import { personal } from './model.ts';
import { loadPolicy } from './policy-file.node.ts';
import { fileTrustStore } from './trust-store.node.ts';

/**
 * Exit codes: 0 it holds, 1 a forbidden edge or an unusable policy, 2 an altered log, 3 a cut one, 4 a crossing without an
 * end, 64 wrong usage.
 */
export const trustExit = { holds: 0, forbidden: 1, altered: 2, usage: 64 } as const;

const usage = `usage: npm run trust -- graph [--home DIR]
       npm run trust -- verify [--checkpoint FILE] [--key ID] [--home DIR]
       npm run trust -- export --range FIRST-LAST [--redact] [--out FILE] [--home DIR]
       npm run trust -- revoke [--home DIR]
       npm run trust -- model [--mutants] [--diff STEPS] [--seed N] [--only TEXT]
       npm run trust -- loopback [--only TEXT] [--planted]
       npm run trust -- attack --corpus DIR [--only CARRIERS] [--rows N] [--resume FOLDER] [--planted HOLES] [--app DIR]
       npm run trust -- canary [--count N] [--app DIR]
       npm run trust -- twins [--scripts N] [--seed N] [--planted]
`;
const fromSource: ReadonlySet<string> = new Set(['model', 'loopback', 'attack', 'canary', 'twins']);

/** Where the program writes to. */
export interface TrustOutput {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** `npm run trust`, all but what needs the source tree: runs one subcommand and answers its exit code. */
export async function runTrust(args: readonly string[], output: TrustOutput): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        home: { type: 'string' },
        checkpoint: { type: 'string' },
        key: { type: 'string' },
        range: { type: 'string' },
        redact: { type: 'boolean', default: false },
        out: { type: 'string' },
      },
    });
  } catch (error) {
    output.error(`${errorText(error)}\n${usage}`);
    return trustExit.usage;
  }
  const { values, positionals } = parsed;
  const [command, ...rest] = positionals;
  if (command !== undefined && fromSource.has(command)) {
    output.error(`“${command}” runs from the source tree: npm run trust -- ${command}\n`);
    return trustExit.usage;
  }
  const paths = homePaths(resolveHome(values.home ?? null));
  const log = decisionLogPath(paths.trust);
  if (rest.length === 0 && command === 'verify')
    return verify(log, values.checkpoint ?? null, values.key ?? null, output);
  if (rest.length === 0 && command === 'export') {
    const range = /^(\d+)-(\d+)$/u.exec(values.range ?? '');
    if (range !== null) {
      const [first, last] = [Number(range[1]), Number(range[2])];
      const exported = exportLog(log, { first, last, redacted: values.redact });
      return printExport(exported, values.out ?? null, output);
    }
  }
  if (rest.length === 0 && command === 'revoke') return revoke(paths.trust, output);
  if (rest.length === 0 && command === 'graph') return graph(paths.settings, paths.trust, output);
  output.error(usage);
  return trustExit.usage;
}

function verify(
  folder: string,
  checkpointPath: string | null,
  firstKey: string | null,
  output: TrustOutput,
): number {
  let pinned: Checkpoint | null = null;
  try {
    if (checkpointPath !== null)
      pinned = JSON.parse(readFileSync(checkpointPath, 'utf8')) as Checkpoint;
  } catch (error) {
    output.error(`${checkpointPath ?? ''}: ${errorText(error)}\n`);
    return trustExit.usage;
  }
  const folders = logFolders(folder);
  if (folders.length === 0 && pinned === null) {
    output.out(`${folder}: there is no log yet, so nothing was decided\n`);
    return trustExit.holds;
  }
  // What is known of a checkpoint or a first key is known of the log that is written now.
  const checks = [...new Set([...folders, folder])].map((one) =>
    one === folder
      ? checkLog(one, formerLogPath(folder), pinned, firstKey)
      : checkLog(one, formerLogPath(folder), null, null),
  );
  for (const check of checks) {
    const { problems, unfinished, size, sealed, sealedAt, told, root } = check;
    for (const problem of problems) output.error(`${check.folder}: ${problem}\n`);
    for (const { seq, actId } of unfinished)
      output.error(`${check.folder}: record ${seq}: crossing ${actId} was begun and has no end\n`);
    const at = sealedAt === null ? 'never' : new Date(sealedAt).toISOString();
    output.out(
      `${check.folder}: ${size} records, ${sealed} of them signed (last ${at}), ${told} crossings ended with a crash\nroot ${root}\n`,
    );
  }
  return worstOf(checks);
}

function printExport(
  exported: ReturnType<typeof exportLog>,
  path: string | null,
  output: TrustOutput,
): number {
  if (!exported.ok) {
    output.error(`${exported.error}\n`);
    return trustExit.forbidden;
  }
  const text = `${JSON.stringify(exported.value, null, 1)}\n`;
  if (path === null) output.out(text);
  else {
    try {
      replaceFile(path, text);
    } catch (error) {
      output.error(`${path}: ${errorText(error)}\n`);
      return trustExit.forbidden;
    }
    output.out(`${path}: ${exported.value.records.length} records\n`);
  }
  return trustExit.holds;
}

/** How long a running app has to take a request; it takes a few milliseconds. */
const takenWithinMs = 2_000;

/** Cuts all trust: a running app does it at once, else the file is changed and the next start writes it down. */
async function revoke(trustFolder: string, output: TrustOutput): Promise<number> {
  try {
    requestCut(trustFolder);
    for (let waited = 0; waited < takenWithinMs && isCutRequested(trustFolder); waited += 20)
      await setTimeout(20);
    if (!isCutRequested(trustFolder)) {
      output.out('Trust is cut: the app that runs has done it.\n');
      return trustExit.holds;
    }
    const store = fileTrustStore(join(trustFolder, 'trust.json'));
    const { epoch, tainted } = store.load();
    const saved = store.save({ epoch: epoch + 1, edges: [], tainted });
    if (!saved.ok) {
      output.error(`${saved.error.message}\n`);
      return trustExit.forbidden;
    }
    output.out('Trust is cut. No app that runs has taken it; the next start writes it down.\n');
    return trustExit.holds;
  } catch (error) {
    output.error(`${trustFolder}: ${errorText(error)}\n`);
    return trustExit.forbidden;
  }
}

/** The graph with trust as it would be if it led from personal to every other domain, which is as wide as it gets. */
async function graph(
  settingsPath: string,
  trustFolder: string,
  output: TrustOutput,
): Promise<number> {
  const settings = await readSettings(settingsPath);
  if (!settings.ok) {
    for (const problem of settings.error)
      output.error(`${settingsPath}: ${problemText(problem)}\n`);
    return trustExit.forbidden;
  }
  const policy = await loadPolicy(trustFolder);
  for (const problem of policy.problems)
    output.error(`policy, line ${problem.line}: ${problem.message}\n`);
  if (policy.problems.length > 0) {
    output.error('The policy is unusable, so everything is denied.\n');
    return trustExit.forbidden;
  }
  const domains = settings.value.domains.map(({ id }) => id);
  const others = domains.filter((id) => id !== personal);
  const trust = checkEdges(
    others.map((to) => ({ from: personal, to })),
    domains,
  );
  const edges = policyGraph(policy, domains, trust.ok ? trust.value : []);
  output.out(graphText(edges));
  return edges.some((edge) => edge.forbidden) ? trustExit.forbidden : trustExit.holds;
}
