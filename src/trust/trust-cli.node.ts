import { parseArgs } from 'node:util';

import { errorText } from '../base/index.ts';
import { problemText } from '../store/index.ts';
import { homePaths, readLines, readSettings, resolveHome } from '../store/index.node.ts';
import { decisionLogPath } from './decision-log.node.ts';
import { parseDecisionLine } from './decision-log.ts';
import { graphText, trustGraph } from './graph.ts';
import { loadPolicy } from './policy-file.node.ts';

/** Exit codes: 0 it holds, 1 a forbidden edge or an unusable policy, 2 an unreadable log, 64 wrong usage or not built yet. */
export const trustExit = { holds: 0, forbidden: 1, altered: 2, usage: 64 } as const;

const usage = 'usage: npm run trust -- verify | graph [--home DIR]\n';
const notBuilt: ReadonlySet<string> = new Set(['export', 'model', 'attack']);

/** Where the program writes to. */
export interface TrustOutput {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** `npm run trust`: runs one subcommand and answers its exit code. */
export async function runTrust(args: readonly string[], output: TrustOutput): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { home: { type: 'string' } },
    });
  } catch (error) {
    output.error(`${errorText(error)}\n${usage}`);
    return trustExit.usage;
  }
  const [command, ...rest] = parsed.positionals;
  if (command !== undefined && notBuilt.has(command)) {
    output.error(`“${command}” is not built yet: it comes with issue 5 (directional trust).\n`);
    return trustExit.usage;
  }
  const paths = homePaths(resolveHome(parsed.values.home ?? null));
  if (rest.length === 0 && command === 'verify')
    return verify(decisionLogPath(paths.trust), output);
  if (rest.length === 0 && command === 'graph') return graph(paths.settings, paths.trust, output);
  output.error(usage);
  return trustExit.usage;
}

async function verify(path: string, output: TrustOutput): Promise<number> {
  let records = 0;
  let faults = 0;
  let lineNumber = 0;
  try {
    for await (const line of readLines(path)) {
      lineNumber += 1;
      const decision = parseDecisionLine(line);
      if (decision.ok) {
        records += 1;
      } else {
        faults += 1;
        output.error(`${path}: line ${lineNumber}: ${decision.error}\n`);
      }
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      output.error(`${path}: ${errorText(error)}\n`);
      return trustExit.altered;
    }
    output.out(`${path}: there is no log yet, so nothing was decided\n`);
    return trustExit.holds;
  }
  output.out(
    `${path}: ${records} decisions can be read, ${faults} lines cannot. Altered or removed lines are not found yet (issue 5).\n`,
  );
  return faults === 0 ? trustExit.holds : trustExit.altered;
}

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
  const edges = trustGraph(
    policy,
    settings.value.domains.map(({ id }) => id),
  );
  output.out(graphText(edges));
  return edges.some((edge) => edge.forbidden) ? trustExit.forbidden : trustExit.holds;
}
