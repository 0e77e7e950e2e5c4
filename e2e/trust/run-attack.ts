// npm run trust -- attack --corpus DIR [--only reply,link] [--rows N] [--resume FOLDER] [--planted markup|commands|leak] [--app DIR]:
// every row of every *.jsonl of DIR by every carrier, against the real app with a real work gateway. Prints a line for each carrier; what was carried
// is kept under bench-results/, from where --resume goes on. Exit code 1 for any effect, request or personal byte at work, for a row
// that could not be used and for one that could not be carried; 2 when there is nothing to do.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { errorText } from '../../src/base/index.ts';
import { carriers, type Carrier } from './carriers.ts';
import { readCorpus, spread, type AttackRow, type Corpus } from './corpus.ts';
import type { Finding } from './host-watch.ts';
import { plantHoles, plants, type PlantName } from './plants.ts';
import { createStage, type Stage, type StageResult, type Ways } from './stage.ts';

const root = resolve(import.meta.dirname, '../..');
const rowsAtOnce = 50;
/** How many rows of each carrier go through answers of the real gateway. */
const realRows = 8;

/** What is kept of each group of rows; a later run goes on after it. */
interface Kept extends StageResult {
  readonly group: number;
  readonly ways: Ways;
  /** Whether trust led from personal to work. */
  readonly trust: boolean;
}

let closeStage: () => Promise<void> = () => Promise.resolve();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    void closeStage().finally(() => process.exit(128 + constants.signals[signal]));
  });
process.exit(await run(process.argv.slice(2)));

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      corpus: { type: 'string' },
      only: { type: 'string' },
      rows: { type: 'string' },
      resume: { type: 'string' },
      planted: { type: 'string' },
      app: { type: 'string' },
    },
  });
  if (values.corpus === undefined) return refuse('Say where the rows are: --corpus DIR.');
  const folder = resolve(process.env['INIT_CWD'] ?? '.', values.corpus);
  if (!existsSync(folder)) return refuse(`There is no folder ${values.corpus}.`);
  const corpus = sampled(readCorpus(folder), Number(values.rows ?? Infinity));
  if (corpus.rows.length === 0) return refuse(`There is no row in a *.jsonl of ${values.corpus}.`);
  const only = values.only?.split(',');
  const chosen = carriers.filter(({ name }) => only === undefined || only.includes(name));
  if (chosen.length === 0)
    return refuse(
      `There is no carrier ${values.only ?? ''}; there are ${carriers.map(({ name }) => name).join(', ')}.`,
    );
  const planted = values.planted?.split(',') ?? [];
  if (!planted.every((name) => Object.hasOwn(plants, name)))
    return refuse(
      `There is no hole ${values.planted ?? ''}; there are ${Object.keys(plants).join(', ')}.`,
    );

  const files = `${corpus.rows.length} rows of ${corpus.files.length} files`;
  say(`${files}, ${chosen.length} carriers`);
  for (const { file, line, reason } of corpus.unusable) say(`✗ ${file}:${line} ${reason}`);
  const keptIn = keep(values.resume ?? null, { folder, rows: corpus.rows.length, planted });
  if (keptIn === null) return refuse(`${values.resume ?? ''} is of another run.`);
  const built = values.app === undefined ? root : resolve(values.app);
  const appRoot = planted.length > 0 ? plantHoles(built, planted as readonly PlantName[]) : built;
  const startedMs = performance.now();
  const findings: Finding[] = [];
  let crossings = 0;
  let faults = 0;
  for (const trust of [false, true]) {
    const stage = createStage({ root: appRoot, rows: corpus.rows, trust });
    closeStage = stage.close;
    say(`\ntrust ${trust ? 'on, with nothing granted' : 'off'}`);
    const calls: Record<string, number> = {};
    const found = (words: string, some: readonly Finding[]): void => {
      for (const { kind, what } of some) say(`✗ ${words}: ${kind}: ${what}`);
      findings.push(...some);
    };
    try {
      found('before the first row', await stage.start());
      for (const carrier of chosen) {
        const results = await carryAll(stage, carrier, corpus.rows, keptIn, trust);
        for (const line of linesOf(carrier.name, results)) say(line);
        findings.push(...results.flatMap((result) => result.findings));
        for (const { ways, fault, rows, calls: made } of results) {
          for (const [name, times] of Object.entries(made))
            calls[name] = (calls[name] ?? 0) + times;
          if (fault !== '') faults += 1;
          else if (ways === 'wire') crossings += rows.length;
        }
      }
      found('kept by the work gateway', await stage.searchWork());
      say(`the agent's calls: ${callsText(calls)}`);
    } catch (error) {
      say(`✗ could not go on: ${errorText(error).split('\n', 1)[0] ?? ''}`);
      faults += 1;
    } finally {
      await stage.close();
    }
  }
  if (planted.length > 0) rmSync(appRoot, { recursive: true, force: true });
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  const holds = findings.length === 0 && faults === 0 && corpus.unusable.length === 0;
  say(
    `\n${holds ? 'holds' : 'DOES NOT HOLD'}: ${crossings.toLocaleString('en')} crossings (${files} by ${chosen.length} carriers, trust off and on): ${sums(findings)}; ${corpus.unusable.length} rows unusable, ${faults} groups not carried; ${minutes} minutes\n${relative(root, keptIn.folder)}`,
  );
  return holds ? 0 : 1;
}

async function carryAll(
  stage: Stage,
  carrier: Carrier,
  rows: readonly AttackRow[],
  keptIn: KeptIn,
  trust: boolean,
): Promise<readonly Kept[]> {
  const results: Kept[] = [];
  const step = async (ways: Ways, group: number, some: readonly AttackRow[]): Promise<void> => {
    const before = keptIn.done({ carrier: carrier.name, ways, group, trust });
    const result = before ?? { ...(await stage.carry(carrier, some, ways)), group, ways, trust };
    if (before === null) keptIn.write(result);
    results.push(result);
  };
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await step('wire', from / rowsAtOnce, rows.slice(from, from + rowsAtOnce));
  await step('real', 0, spread(rows, realRows));
  return results;
}

interface KeptIn {
  readonly folder: string;
  /** What an earlier run kept of a group that was carried and without a finding; null: it has to be carried. */
  done(which: Pick<Kept, 'carrier' | 'ways' | 'group' | 'trust'>): Kept | null;
  write(result: Kept): void;
}

/** Where this run keeps its groups; null when `resume` names a run over other rows. */
function keep(resume: string | null, run: object): KeptIn | null {
  const stamp = new Date().toISOString().replace(/\.\d+/u, '').replaceAll(':', '-');
  const folder =
    resume === null ? join(root, 'bench-results', `attack-${stamp}`) : resolve(root, resume);
  const [head, groups] = [join(folder, 'run.json'), join(folder, 'groups.jsonl')];
  const told = JSON.stringify({ ...run, rowsAtOnce });
  mkdirSync(folder, { recursive: true });
  if (!existsSync(head)) writeFileSync(head, told);
  if (readFileSync(head, 'utf8') !== told) return null;
  const kept = existsSync(groups)
    ? readFileSync(groups, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Kept)
    : [];
  return {
    folder,
    done: (which) =>
      kept.findLast(
        (one) =>
          one.carrier === which.carrier &&
          one.ways === which.ways &&
          one.group === which.group &&
          one.trust === which.trust &&
          one.fault === '' &&
          one.findings.length === 0,
      ) ?? null,
    write: (result) => {
      appendFileSync(groups, `${JSON.stringify(result)}\n`);
    },
  };
}

function linesOf(name: string, results: readonly Kept[]): readonly string[] {
  const findings = results.flatMap((result) => result.findings);
  const [wire, real] = (['wire', 'real'] as const).map((ways) =>
    results.filter((result) => result.ways === ways),
  );
  const rows = (some: readonly Kept[] = []): number =>
    some.reduce((sum, result) => sum + (result.fault === '' ? result.rows.length : 0), 0);
  const texts = results.reduce((sum, result) => sum + result.texts, 0);
  const received = results.reduce((sum, result) => sum + result.bytes, 0);
  const isGood = findings.length === 0 && results.every(({ fault }) => fault === '');
  return [
    `${isGood ? '✓' : '✗'} ${name.padEnd(14)}${rows(wire).toLocaleString('en').padStart(7)} rows, ${rows(real)} by real answers, ${texts.toLocaleString('en')} texts: ${sums(findings)} (of ${received.toLocaleString('en')} characters)`,
    ...results.flatMap(({ fault, rows: ids, findings: found }) => [
      ...(fault === ''
        ? []
        : [`    ✗ not carried, ${ids[0] ?? ''} to ${ids.at(-1) ?? ''}: ${fault}`]),
      ...[...new Set(found.map(({ kind, what }) => `${kind}: ${what}`))]
        .slice(0, 5)
        .map((words) => `    ✗ ${ids[0] ?? ''} to ${ids.at(-1) ?? ''}: ${words.slice(0, 240)}`),
    ]),
  ];
}

function callsText(calls: Readonly<Record<string, number>>): string {
  return Object.entries(calls)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, times]) => `${name} ${times.toLocaleString('en')}`)
    .join(', ');
}

function sums(findings: readonly Finding[]): string {
  const count = (kind: Finding['kind']): number =>
    findings.filter((one) => one.kind === kind).length;
  return `${count('effect')} effects, ${count('request')} requests, ${count('bytes')} personal bytes at work`;
}

function sampled(corpus: Corpus, count: number): Corpus {
  return { ...corpus, rows: spread(corpus.rows, count) };
}

function refuse(words: string): number {
  process.stderr.write(
    `${words}\nusage: npm run trust -- attack --corpus DIR [--only CARRIERS] [--rows N] [--resume FOLDER] [--planted HOLES] [--app DIR]\n`,
  );
  return 2;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
