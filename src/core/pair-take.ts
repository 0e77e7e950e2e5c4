/**
 * Joins a pair of another computer by its pairing code; the app and the headless host do it alike.
 *
 * Invariants
 * 1. Nothing is written before `write`. Until then what was taken is in this memory, its secrets too; another code, or
 *    `cancel`, forgets it.
 * 2. What came is judged as the guardian will judge it, before anybody is asked whether to keep it.
 * 3. Only names, addresses and paths leave here for a page; no secret does.
 */
import { errorText, fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { parseGuardianConfig } from '../ha/index.ts';
import { appError } from '../shared/index.ts';
import type {
  AppError,
  JoinDone,
  JoinMember,
  JoinPreview,
  JoinRequest,
  Translate,
} from '../shared/index.ts';
import { parseInvitation } from './pair-code.ts';
import { tokenFile } from './pair-join.ts';
import type { JoinContent } from './pair-join.ts';
import type { JoinHost } from './ports.ts';

export interface PairTake {
  /** Takes what is offered under a code, which uses the code up, and says what it is. */
  take(request: JoinRequest): Promise<Result<JoinPreview, AppError>>;
  /** Ends a `take` that is under way and forgets what was taken. */
  cancel(): void;
  /** Writes what was taken, and says what is left to do. */
  write(): Promise<Result<JoinDone, AppError>>;
  /** Puts the token of this computer's gateway where its guardian looks for it. */
  enterToken(token: string): Promise<Result<null, AppError>>;
}

interface Taken {
  readonly content: JoinContent;
  readonly preview: JoinPreview;
}

/** Makes it, with nothing taken. */
export function createPairTake({
  host,
  t,
}: {
  readonly host: JoinHost;
  readonly t: Translate;
}): PairTake {
  let asking: AbortController | null = null;
  let taken: Taken | null = null;
  let written: { readonly folder: string; readonly file: string } | null = null;

  const cancel = (): void => {
    asking?.abort();
    asking = null;
    taken = null;
  };
  const notWritten = (error: unknown) =>
    fail(appError('storage', t('join.not-written', { detail: errorText(error) }), true));

  return {
    cancel,
    take: async ({ code, address }) => {
      cancel();
      const invitation = parseInvitation(`${code}@${address}`);
      if (!invitation.ok) return fail(appError('bad-input', invitation.error));
      const mine = new AbortController();
      asking = mine;
      const came = await host.take(invitation.value, mine.signal);
      if (!came.ok) return fail(appError('offline', came.error, true));
      const content = came.value;
      const preview = previewOf(content, await host.look(content.folder));
      if (mine.signal.aborted) return fail(appError('denied', t('take.cancelled')));
      asking = null;
      if (preview === null) return fail(appError('bad-input', t('take.other-version')));
      taken = { content, preview };
      return ok(preview);
    },
    write: async () => {
      if (taken === null) return fail(appError('not-found', t('take.nothing')));
      const { content, preview } = taken;
      try {
        const folder = await host.write(content.folder, content.files);
        const file = content.files.find(({ name }) => name.startsWith(tokenFile))?.name;
        taken = null;
        written = file === undefined ? null : { folder: content.folder, file };
        return ok({
          pairName: preview.pairName,
          folder,
          token: file === undefined ? null : { file, gateway: preview.here.name },
          commands: [
            `SWITCHYARD=${quoted(host.program)}`,
            ...content.commands.map((command) =>
              command.replaceAll(`~/${content.folder}`, quoted(folder)),
            ),
          ],
        });
      } catch (error) {
        return notWritten(error);
      }
    },
    enterToken: async (token) => {
      if (written === null) return fail(appError('not-found', t('take.nothing')));
      try {
        await host.writeFile(written.folder, { name: written.file, text: token });
        return ok(null);
      } catch (error) {
        return notWritten(error);
      }
    },
  };
}

/** What a person is shown of it; null where the guardian of this version would not take it. */
function previewOf(
  { files }: JoinContent,
  { path, isThere }: Awaited<ReturnType<JoinHost['look']>>,
): JoinPreview | null {
  const config = parseGuardianConfig(
    files.find((file) => file.name === 'guardian.json')?.text ?? '',
  );
  const [pair, ...more] = config.ok ? config.value.pairs : [];
  if (pair === undefined || more.length > 0) return null;
  const { local, register } = pair;
  if (local === 'both' || register.kind === 'lock') return null;
  const other = local === 'primary' ? 'standby' : 'primary';
  const member = (role: 'primary' | 'standby'): JoinMember => ({
    name: pair[role].name,
    address: pair[role].addr ?? pair[role].url,
    role,
  });
  return {
    pairName: pair.name,
    here: member(local),
    there: member(other),
    register:
      register.kind === 'witness'
        ? `${register.host}:${register.port}`
        : `${register.name} (${register.server}:${register.port})`,
    folder: path,
    files: files.map((file) => file.name),
    replaces: isThere,
  };
}

/** As one word of a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
