import { ipcMain } from 'electron';
import type { IpcMainInvokeEvent, WebContents } from 'electron';

import { errorText } from '../../base/index.ts';
import type { Logger } from '../../base/index.ts';
import { appError, channels, contract } from '../../shared/index.ts';
import type { Call, Contract, Event, Reply, Surface } from '../../shared/index.ts';
import { appOrigin } from '../security/protocol.ts';

/**
 * The one importer of `ipcMain`: every call is checked for who sends it and what it carries before a handler sees it.
 *
 * Invariants
 * 1. A handler runs only for a call from the main frame of a page of ours, on `app://bundle`, in a WebContents that was
 *    registered for that very surface. What the call may touch follows from the registration (`caller`), never from its input.
 * 2. Input reaches a handler only as its schema parsed it.
 * 3. Each channel of the contract has exactly one handler; a missing or second one throws at start.
 * 4. A call always gets an answer: a refused one is logged and answered with an error, never dropped.
 */
export interface Caller<Scope> {
  readonly webContents: WebContents;
  readonly scope: Scope;
}

type Input<Entry> = Entry extends Call<infer Schema> ? import('zod').z.output<Schema> : never;
type Output<Entry> = Entry extends Call<infer _Schema, infer Value> ? Value : never;

/** The handlers of one surface, by area and method; the compiler asks for every call of the contract. */
export type Handlers<S extends Surface, Scope> = {
  readonly [A in keyof Contract[S] as keyof CallsOf<Contract[S][A]> extends never ? never : A]: {
    readonly [M in keyof CallsOf<Contract[S][A]>]: (
      input: Input<CallsOf<Contract[S][A]>[M]>,
      caller: Caller<Scope>,
    ) =>
      | Reply<Output<CallsOf<Contract[S][A]>[M]>>
      | Promise<Reply<Output<CallsOf<Contract[S][A]>[M]>>>;
  };
};

type CallsOf<Area> = { readonly [M in keyof Area as Area[M] extends Event ? never : M]: Area[M] };

type AnyHandler = (
  input: unknown,
  caller: Caller<unknown>,
) => Reply<unknown> | Promise<Reply<unknown>>;

/** Where the pages of a surface are registered: a WebContents id and what its page may touch. */
export interface SurfaceRegistry<Scope> {
  /** Admits the page in `webContents`; it is forgotten when destroyed. */
  admit(webContents: WebContents, scope: Scope): void;
}

/** Installs the handlers of `surface`; pages are admitted through the registry that is returned. */
export function registerSurface<S extends Surface, Scope>(
  surface: S,
  handlers: Handlers<S, Scope>,
  logger: Logger,
): SurfaceRegistry<Scope> {
  const pages = new Map<number, Caller<Scope>>();
  for (const [area, methods] of Object.entries(
    contract[surface] as Record<string, Record<string, Call | Event>>,
  )) {
    for (const [method, entry] of Object.entries(methods)) {
      if (entry.kind === 'event') continue;
      const handler = (
        handlers as unknown as Record<string, Record<string, AnyHandler | undefined> | undefined>
      )[area]?.[method];
      if (handler === undefined) throw new Error(`No handler for ${surface}.${area}.${method}`); // invariant 3
      const name = `${area}.${method}`;
      ipcMain.handle(
        channelName(surface, area, method),
        async (event, input: unknown): Promise<Reply<unknown>> => {
          const caller = knownCaller(event, pages);
          if (caller === undefined) {
            logger.warn('call refused: sender', {
              surface,
              call: name,
              webContents: event.sender.id,
            });
            return {
              ok: false,
              error: appError('bad-sender', 'This page may not make this call.'),
            };
          }
          const parsed = entry.input.safeParse(input);
          if (!parsed.success) {
            const where = parsed.error.issues[0]?.path.join('.') ?? '';
            logger.warn('call refused: input', { surface, call: name, where });
            return {
              ok: false,
              error: appError(
                'bad-input',
                `The input of ${name} is not valid${where === '' ? '' : ` at ${where}`}.`,
              ),
            };
          }
          try {
            return await handler(parsed.data, caller);
          } catch (error) {
            logger.error('call failed', { surface, call: name, error: errorText(error) });
            return {
              ok: false,
              error: appError(
                'internal',
                'Switchyard made a mistake here; the log has the details.',
              ),
            };
          }
        },
      );
    }
  }
  return {
    admit: (webContents, scope) => {
      const { id } = webContents;
      pages.set(id, { webContents, scope });
      webContents.once('destroyed', () => pages.delete(id));
    },
  };
}

function knownCaller<Scope>(
  event: IpcMainInvokeEvent,
  pages: ReadonlyMap<number, Caller<Scope>>,
): Caller<Scope> | undefined {
  // Read at once: since Electron 33 the frame may be detached a turn later.
  const frame = event.senderFrame;
  if (frame === null || frame.parent !== null || frame.origin !== appOrigin) return undefined;
  return pages.get(event.sender.id);
}

/** Sends an event of the contract to a page; a page that is gone is no error. */
export function sendEvent<
  S extends Surface,
  A extends keyof Contract[S] & string,
  M extends keyof Contract[S][A] & string,
>(
  webContents: WebContents,
  surface: S,
  area: A,
  method: M,
  payload: Contract[S][A][M] extends Event<infer Payload> ? Payload : never,
): void {
  if (!webContents.isDestroyed()) webContents.send(channelName(surface, area, method), payload);
}

function channelName(surface: Surface, area: string, method: string): string {
  return `switchyard:${surface}:${area}:${method}`;
}

/** Throws when names and contract differ, so that a page never gets a function that nobody answers. */
export function assertContractMatchesChannels(): void {
  for (const [surface, areas] of Object.entries(channels)) {
    const promised = Object.entries(areas as Record<string, Record<string, string>>).flatMap(
      ([area, methods]) =>
        Object.entries(methods).map(([method, kind]) => `${area}.${method}:${kind}`),
    );
    const kept = Object.entries(
      contract[surface as Surface] as Record<string, Record<string, Call | Event>>,
    ).flatMap(([area, methods]) =>
      Object.entries(methods).map(([method, entry]) => `${area}.${method}:${entry.kind}`),
    );
    const missing = [
      ...promised.filter((name) => !kept.includes(name)),
      ...kept.filter((name) => !promised.includes(name)),
    ];
    if (missing.length > 0)
      throw new Error(`IPC names and contract of ${surface} differ: ${missing.join(', ')}`);
  }
}
