import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { errorText, fail, ok, type Result } from '../base/index.ts';
import { createTranslator } from '../shared/index.ts';
import { addressOf, defaultSettings, panesOf, problemText } from '../store/index.ts';
import { homePaths, readLines, readSettings } from '../store/index.node.ts';
import { defaultPolicyText, parsePolicy } from '../trust/index.ts';
import { loadPolicy } from '../trust/index.node.ts';
import type { RoutePane, RouteQuestion } from './model.ts';
import { outputLine, parseInputLine, type RouteInput } from './route-line.ts';
import { decideRoute } from './router.ts';

/** Exit codes, after sysexits: 64 wrong usage, 65 a line or a settings file with a fault, 74 a file that cannot be read or written. */
export const routeExit = { done: 0, usage: 64, data: 65, files: 74 } as const;

const usage = 'usage: npm run route -- --in messages.jsonl --out routes.jsonl [--home DIR]\n';

const batchCharacters = 64 * 1024;

/** What stays the same from line to line. */
type Setting = Pick<RouteQuestion, 'panes' | 'domains' | 'rules' | 'policy'>;

/** `npm run route`: routes each line of a file as the app would, and answers the exit code. */
export async function runRoute(
  args: readonly string[],
  error: (text: string) => void,
): Promise<number> {
  const options = readOptions(args);
  if (!options.ok) {
    error(`${options.error}\n${usage}`);
    return routeExit.usage;
  }
  const setting =
    options.value.home === null ? settingWithoutHome() : await settingOfHome(options.value.home);
  if (!setting.ok) {
    error(`${setting.error}\n`);
    return routeExit.data;
  }
  const { in: path, out } = options.value;
  const temporary = `${out}.new-${process.pid}`;
  try {
    const file = await open(temporary, 'w');
    const fault = await routeLines(path, file, setting.value).finally(() => file.close());
    if (fault !== null) {
      await rm(temporary);
      error(`${path}: ${fault}; nothing was written\n`);
      return routeExit.data;
    }
    await rename(temporary, out);
    return routeExit.done;
  } catch (cause) {
    await rm(temporary, { force: true });
    error(`${errorText(cause)}\n`);
    return routeExit.files;
  }
}

/** Routes line by line, in constant memory. Answers the first fault, with its line number. */
async function routeLines(
  path: string,
  file: FileHandle,
  setting: Setting,
): Promise<string | null> {
  const t = createTranslator('en');
  let lineNumber = 0;
  let batch = '';
  for await (const line of readLines(path)) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    const input = parseInputLine(lineNumber === 1 ? line.replace(/^\uFEFF/u, '') : line);
    if (!input.ok) return `line ${lineNumber}: ${input.error}`;
    batch += outputLine(input.value, decideRoute(questionOf(input.value, setting)), t);
    if (batch.length >= batchCharacters) {
      await file.appendFile(batch);
      batch = '';
    }
  }
  await file.appendFile(batch);
  return null;
}

function questionOf(input: RouteInput, setting: Setting): RouteQuestion {
  // Lines of a file were typed fresh as far as anyone can tell, and nobody is there to bind them.
  return {
    ...setting,
    text: input.text,
    binding: null,
    labels: [],
    context: { pane: paneId(input.pane, setting.panes) },
  };
}

function paneId(named: string | null, panes: readonly RoutePane[]): string | null {
  if (named === null) return null;
  const wanted = addressOf(named);
  return (
    (
      panes.find((pane) => pane.id === named) ??
      panes.find((pane) => addressOf(pane.name) === wanted)
    )?.id ?? null
  );
}

/** Without a profile there are the two domains, a pane for each, and no rule: what nobody addresses is asked about. */
function settingWithoutHome(): Result<Setting, string> {
  const { domains, rules } = defaultSettings;
  return ok({
    domains,
    rules,
    panes: domains.map(({ id, name }) => ({ id, name, domain: id })),
    policy: parsePolicy(defaultPolicyText),
  });
}

async function settingOfHome(home: string): Promise<Result<Setting, string>> {
  const paths = homePaths(home);
  const settings = await readSettings(paths.settings);
  if (!settings.ok)
    return fail(
      settings.error.map((problem) => `${paths.settings}: ${problemText(problem)}`).join('\n'),
    );
  const { domains, rules } = settings.value;
  return ok({
    domains,
    rules,
    panes: panesOf(settings.value),
    policy: await loadPolicy(paths.trust),
  });
}

function readOptions(
  args: readonly string[],
): Result<{ readonly in: string; readonly out: string; readonly home: string | null }, string> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { in: { type: 'string' }, out: { type: 'string' }, home: { type: 'string' } },
    });
    if (values.in === undefined || values.out === undefined)
      return fail('--in and --out are both needed');
    return ok({ in: values.in, out: values.out, home: values.home ?? null });
  } catch (error) {
    return fail(errorText(error));
  }
}
