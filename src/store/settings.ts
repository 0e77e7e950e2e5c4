import { fail, ok, type Result } from '../base/index.ts';
import { readJson, type JsonDocument } from './json-reader.ts';
import type { Settings, SettingsProblem } from './model.ts';
import { checkSettings } from './settings-checks.ts';
import { describeIssues, type SettingsFault } from './settings-issues.ts';
import { settingsSchema } from './settings-schema.ts';

const currentVersion = 1;

/** `upgrades[n]` turns the content of version n + 1 into that of version n + 2. */
const upgrades: readonly ((older: unknown) => unknown)[] = [];

/**
 * Reads the text of a settings file. Answers either settings without any fault, or every fault that was found, each with
 * its line. The words are in English, as in a compiler: they name keys of the file.
 */
export function parseSettings(text: string): Result<Settings, readonly SettingsProblem[]> {
  const json = readJson(text);
  if (!json.ok)
    return fail([
      { line: json.error.line, column: json.error.column, path: '', message: json.error.message },
    ]);
  const document = json.value;
  const version = versionOf(document.value);
  if (version > currentVersion) {
    const message = `this file was written by a newer Switchyard (version ${version} of the format; this one knows ${currentVersion})`;
    return fail(locateAll(document, [{ path: ['version'], of: 'value', message }]));
  }
  const upgraded = upgrades
    .slice(Math.max(0, version - 1))
    .reduce((older, upgrade) => upgrade(older), document.value);
  const parsed = settingsSchema.safeParse(upgraded);
  if (!parsed.success)
    return fail(locateAll(document, describeIssues(parsed.error.issues, upgraded)));
  const faults = checkSettings(parsed.data);
  return faults.length === 0 ? ok(parsed.data) : fail(locateAll(document, faults));
}

/** The text of a settings file: two spaces, keys in the order of the documentation, a line break at the end. */
export function serialiseSettings(settings: Settings): string {
  // The schema gives the keys their order, whatever the order in the value.
  return `${JSON.stringify(settingsSchema.parse(settings), null, 2)}\n`;
}

/** One line for people: `line 4, gateways[1].port: …`. */
export function problemText(problem: SettingsProblem): string {
  return `line ${problem.line}${problem.path === '' ? '' : `, ${problem.path}`}: ${problem.message}`;
}

function versionOf(value: unknown): number {
  const version: unknown =
    typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  return typeof version === 'number' && Number.isInteger(version) ? version : currentVersion;
}

function locateAll(
  document: JsonDocument,
  faults: readonly SettingsFault[],
): readonly SettingsProblem[] {
  return faults
    .map(({ path, of, message }) => ({
      ...document.locate(path, of),
      path: pathText(path),
      message,
    }))
    .sort((left, right) => left.line - right.line || left.column - right.column);
}

function pathText(path: SettingsFault['path']): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join('');
}
