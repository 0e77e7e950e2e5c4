/**
 * A client of Chromium's remote debugging, as thin as the benchmark needs it: pages are looked at only once they exist, and
 * the main process is left alone, so that a start is as it is without us.
 *
 * Invariants
 * 1. Every wait ends: with an answer, with the connection, or with the signal.
 * 2. A function that is evaluated in a page carries nothing over but its argument.
 */
import { setTimeout as pause } from 'node:timers/promises';

/** A page, by its DevTools session. */
export interface Page {
  /** Runs `probe` in the page; resolves to what it returns. Rejects with what it throws. */
  evaluate<Argument, Value>(
    probe: (argument: Argument) => Value | Promise<Value>,
    argument: Argument,
  ): Promise<Value>;
}

export interface DevTools {
  /** The first page whose address fits, now or later. */
  page(fits: (url: string) => boolean): Promise<Page>;
  /** From the browser's user agent. */
  electronVersion(): Promise<string>;
  close(): void;
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: unknown;
}

interface Target {
  readonly targetId: string;
  readonly type: string;
  readonly url: string;
}

interface Evaluation {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

const pollMs = 2;

/** Connects to the address that Electron printed; `signal` ends every wait. */
export async function connectDevTools(url: string, signal: AbortSignal): Promise<DevTools> {
  const socket = new WebSocket(url);
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const waiting = new Set<{ fits: (url: string) => boolean; found: (target: Target) => void }>();
  const targets = new Map<string, Target>();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined); // whoever waits hears of it
  let lastId = 0;

  const settle = (message: Message): void => {
    const entry = pending.get(message.id ?? 0);
    pending.delete(message.id ?? 0);
    if (message.error === undefined) entry?.resolve(message.result);
    else entry?.reject(new Error(message.error.message));
  };
  const see = (target: Target): void => {
    targets.set(target.targetId, target);
    if (target.type !== 'page') return;
    for (const entry of waiting) if (entry.fits(target.url)) entry.found(target);
  };
  socket.addEventListener('message', (event) => {
    const message = JSON.parse(String(event.data)) as Message;
    if (message.id !== undefined) settle(message);
    else if (
      message.method === 'Target.targetCreated' ||
      message.method === 'Target.targetInfoChanged'
    )
      see((message.params as { readonly targetInfo: Target }).targetInfo);
  });
  socket.addEventListener('close', () => {
    ended.reject(new Error('Electron closed the connection.'));
  });
  signal.addEventListener('abort', () => {
    ended.reject(signal.reason as Error);
    socket.close();
  });

  const call = async <Answer>(
    method: string,
    params: object,
    sessionId?: string,
  ): Promise<Answer> => {
    const entry = Promise.withResolvers<unknown>();
    lastId += 1;
    pending.set(lastId, entry);
    socket.send(JSON.stringify({ id: lastId, method, params, ...(sessionId && { sessionId }) }));
    return (await Promise.race([entry.promise, ended.promise])) as Answer;
  };

  const opened = Promise.withResolvers<undefined>();
  socket.addEventListener('open', () => {
    opened.resolve(undefined);
  });
  await Promise.race([opened.promise, ended.promise]);
  await call('Target.setDiscoverTargets', { discover: true });

  return {
    page: async (fits) => {
      const found = Promise.withResolvers<Target>();
      const entry = { fits, found: found.resolve };
      waiting.add(entry);
      for (const target of targets.values()) see(target);
      const { targetId } = await Promise.race([found.promise, ended.promise]);
      waiting.delete(entry);
      const { sessionId } = await call<{ readonly sessionId: string }>('Target.attachToTarget', {
        targetId,
        flatten: true,
      });
      const evaluate: Page['evaluate'] = async (probe, argument) => {
        const answer = await call<Evaluation>(
          'Runtime.evaluate',
          {
            expression: `(${probe.toString()})(${JSON.stringify(argument)})`, // invariant 2
            awaitPromise: true,
            returnByValue: true,
          },
          sessionId,
        );
        const fault = answer.exceptionDetails;
        if (fault !== undefined) throw new Error(fault.exception?.description ?? fault.text);
        return answer.result.value as Awaited<ReturnType<typeof probe>>;
      };
      // A target has its address before the page has: until then it is the empty page, which goes away.
      while (!fits(await evaluate(() => location.href, null).catch(() => ''))) {
        signal.throwIfAborted();
        await pause(pollMs);
      }
      return { evaluate };
    },
    electronVersion: async () => {
      const { userAgent } = await call<{ readonly userAgent: string }>('Browser.getVersion', {});
      return /Electron\/(\S+)/u.exec(userAgent)?.[1] ?? 'unknown';
    },
    close: () => {
      socket.close();
    },
  };
}
