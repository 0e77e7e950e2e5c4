/**
 * The settings file of a profile on disk.
 *
 * Invariants
 * 1. What a person wrote is never overwritten: a write starts from what is on disk now, and is refused while that has a fault.
 * 2. `current` is always valid: the file's content, or the last that was valid (kept beside it as `.bak`), or the defaults.
 * 3. Reads and writes happen one after another.
 */
import { watch, type FSWatcher } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import {
  createEmitter,
  errorText,
  fail,
  ok,
  type Clock,
  type Logger,
  type Result,
} from '../base/index.ts';
import { appError, type AppError } from '../shared/index.ts';
import { writeAtomically } from './atomic-write.node.ts';
import type { Settings, SettingsProblem } from './model.ts';
import type { SettingsFile } from './ports.ts';
import { parseSettings, problemText, serialiseSettings } from './settings.ts';
import { defaultSettings } from './settings-schema.ts';

/** Editors write in several steps; a change is looked at when none followed for this long. */
const settleMs = 150;
const largestFile = 1_000_000;

/** Reads the settings file and watches it. A missing file means the defaults; it is written with the first change. */
export async function openSettingsFile(
  path: string,
  options: { readonly clock: Clock; readonly logger: Logger },
): Promise<SettingsFile> {
  const { clock, logger } = options;
  const changed = createEmitter<undefined>();
  let current: Settings = defaultSettings;
  let problems: readonly SettingsProblem[] = [];
  /** What the file is known to hold; undefined before the first look, null when it is not there or cannot be read. */
  let known: string | null | undefined;
  /** Why it cannot be read, in words. */
  let unreadable: string | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const accept = async (settings: Settings, text: string): Promise<void> => {
    current = settings;
    problems = [];
    await writeAtomically(`${path}.bak`, text).catch((error: unknown) => {
      logger.warn('the backup of the settings could not be written', { error: errorText(error) });
    });
  };

  const look = async (): Promise<boolean> => {
    const content = await readContent(path);
    if (content.text === known && content.unreadable === unreadable) return false;
    ({ text: known, unreadable } = content);
    const parsed = content.text === null ? null : parseSettings(content.text);
    if (parsed?.ok === true && content.text !== null) {
      await accept(parsed.value, content.text);
      return true;
    }
    problems =
      parsed?.ok === false
        ? parsed.error
        : unreadable === null
          ? []
          : [{ line: 1, column: 1, path: '', message: unreadable }];
    if (problems.length > 0)
      logger.warn('the settings file has a fault', { fault: problems.map(problemText).join('; ') });
    return true;
  };

  const update = async (
    change: (settings: Settings) => Settings,
  ): Promise<Result<Settings, AppError>> => {
    const isNews = await look();
    if (isNews) changed.emit(undefined);
    const problem = problems[0];
    if (problem !== undefined) {
      return fail(
        appError(
          'storage',
          `The settings file has a fault and is left as it is (${problemText(problem)}). Mend it first.`,
        ),
      );
    }
    const next = checked(change(current));
    if (!next.ok) return next;
    try {
      await writeAtomically(path, next.value.text);
    } catch (error) {
      return fail(
        appError('storage', `The settings could not be written: ${errorText(error)}`, true),
      );
    }
    known = next.value.text;
    await accept(next.value.settings, next.value.text);
    changed.emit(undefined);
    return ok(current);
  };

  await look();
  if (problems.length > 0) current = (await lastGood(path)) ?? current;

  let cancelLook: (() => void) | null = null;
  const watcher = await watchFile(path, logger, () => {
    cancelLook?.();
    cancelLook = clock.after(settleMs, () => {
      void enqueue(async () => {
        if (await look()) changed.emit(undefined);
      });
    });
  });

  return {
    path,
    current: () => current,
    problems: () => problems,
    onChange: (listener) => changed.on(listener),
    update: (change) => enqueue(() => update(change)),
    close: async () => {
      watcher?.close();
      cancelLook?.();
      await queue;
    },
  };
}

/** Reads a settings file once, for programs that only look. A missing file means the defaults. */
export async function readSettings(
  path: string,
): Promise<Result<Settings, readonly SettingsProblem[]>> {
  const { text, unreadable } = await readContent(path);
  if (unreadable !== null) return fail([{ line: 1, column: 1, path: '', message: unreadable }]);
  return text === null ? ok(defaultSettings) : parseSettings(text);
}

/** Through text and back: what is accepted is what the file will hold. */
function checked(
  settings: Settings,
): Result<{ readonly settings: Settings; readonly text: string }, AppError> {
  const parsed = parseSettings(JSON.stringify(settings));
  if (parsed.ok) return ok({ settings: parsed.value, text: serialiseSettings(parsed.value) });
  return fail(
    appError(
      'bad-input',
      parsed.error.map(({ path, message }) => `${path}: ${message}`).join('; '),
    ),
  );
}

interface Content {
  readonly text: string | null;
  readonly unreadable: string | null;
}

async function readContent(path: string): Promise<Content> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > largestFile)
      return { text: null, unreadable: `the file is larger than ${largestFile} bytes` };
    return { text: bytes.toString('utf8'), unreadable: null };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return {
      text: null,
      unreadable: isMissing ? null : `the file could not be read: ${errorText(error)}`,
    };
  }
}

async function lastGood(path: string): Promise<Settings | null> {
  const { text } = await readContent(`${path}.bak`);
  const parsed = text === null ? null : parseSettings(text);
  return parsed?.ok === true ? parsed.value : null;
}

/** Watches the folder, because editors replace the file. Without a watch (too many of them), a restart reads the file. */
async function watchFile(
  path: string,
  logger: Logger,
  onEvent: () => void,
): Promise<FSWatcher | null> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) onEvent();
    });
    watcher.on('error', (error) => {
      logger.warn('the settings file is no longer watched', { error: errorText(error) });
    });
    return watcher;
  } catch (error) {
    logger.warn('the settings file is not watched', { error: errorText(error) });
    return null;
  }
}
