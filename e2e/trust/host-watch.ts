/**
 * What is seen of effects, from outside the app's own code: every way out of the main process is replaced by a note (Electron
 * and Node, not functions of ours), every page's requests are kept, new processes are looked for in the system's list.
 *
 * Invariants
 * 1. What is noted does not happen: a hole that is found does no harm on the way.
 * 2. Nothing is forgotten between two calls of `take`.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { ElectronApplication, Page } from '@playwright/test';

export interface Finding {
  readonly kind: 'effect' | 'request' | 'bytes';
  readonly what: string;
}

export interface HostWatch {
  /** What happened since the last call. */
  take(): Promise<readonly Finding[]>;
  /** Gives the app back what it needs to end. */
  stop(): Promise<void>;
}

interface Note {
  readonly kind: 'effect' | 'request';
  readonly what: string;
}

/** Watches an app that runs. `mayWrite`: folders whose files are its own; `mayReach`: ports of the loopback that it talks to. */
export async function watchHost(
  app: ElectronApplication,
  own: { readonly mayWrite: readonly string[]; readonly mayReach: readonly number[] },
): Promise<HostWatch> {
  await app.evaluate(noteInMain, own);
  const seen: Finding[] = [];
  const watchPage = (page: Page): void => {
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith('app://bundle/')) seen.push({ kind: 'request', what: `page: ${url}` });
    });
    page.on('console', (message) => {
      const text = message.text();
      if (/Content Security Policy|Refused to|Not allowed to load/iu.test(text))
        seen.push({ kind: 'request', what: `page tried: ${text}` });
    });
    page.on('framenavigated', (frame) => {
      seen.push({ kind: 'effect', what: `navigated to ${frame.url()}` });
    });
    page.on('download', (download) => {
      seen.push({ kind: 'effect', what: `download of ${download.url()}` });
    });
    page.on('dialog', (dialog) => {
      seen.push({ kind: 'effect', what: `dialog: ${dialog.message()}` });
    });
    page.on('crash', () => {
      seen.push({ kind: 'effect', what: `renderer gone: ${page.url()}` });
    });
  };
  for (const page of app.windows()) watchPage(page);
  app.on('window', (page) => {
    seen.push({ kind: 'effect', what: `new page: ${page.url()}` });
    watchPage(page);
  });

  const root = app.process().pid ?? 0;
  const known = new Set(descendants(root));
  const electron = executableOf(root);
  const lookAtProcesses = (): void => {
    for (const pid of descendants(root)) {
      if (known.has(pid)) continue;
      known.add(pid);
      const program = executableOf(pid);
      if (program !== null && program !== electron)
        seen.push({ kind: 'effect', what: `process: ${program}` });
    }
  };
  const timer = setInterval(lookAtProcesses, 100);

  return {
    take: async () => {
      lookAtProcesses();
      const noted = await app.evaluate(() => {
        const { notes } = globalThis as unknown as { notes: Note[] };
        return notes.splice(0);
      });
      return [...noted, ...seen.splice(0)];
    },
    stop: async () => {
      clearInterval(timer);
      await app.evaluate((electron) => {
        const { appExit } = globalThis as unknown as { appExit: typeof electron.app.exit };
        Object.assign(electron.app, { exit: appExit });
      });
    },
  };
}

/** Runs in the main process. It must not use anything from outside itself. */
function noteInMain(
  electron: typeof import('electron'),
  own: { readonly mayWrite: readonly string[]; readonly mayReach: readonly number[] },
): void {
  const notes: { kind: 'effect' | 'request'; what: string }[] = [];
  Object.assign(globalThis, { notes, appExit: electron.app.exit.bind(electron.app) });
  const note = (kind: 'effect' | 'request', what: string): void => {
    if (notes.length < 1_000) notes.push({ kind, what: what.slice(0, 300) });
  };
  type Functions = Record<string, (...args: unknown[]) => unknown>;
  const words = (args: readonly unknown[]): string =>
    args.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
  const replace = (
    owner: unknown,
    area: string,
    names: readonly string[],
    value?: unknown,
  ): void => {
    for (const name of names) {
      if (typeof (owner as Functions)[name] !== 'function') continue;
      (owner as Functions)[name] = (...args) => {
        note('effect', `${area}.${name} ${words(args)}`);
        return value;
      };
    }
  };
  const { app, clipboard, dialog, globalShortcut, net, session, shell } = electron;
  replace(shell, 'shell', ['openExternal', 'openPath', 'trashItem'], Promise.resolve(''));
  replace(shell, 'shell', ['showItemInFolder', 'beep', 'writeShortcutLink']);
  replace(
    dialog,
    'dialog',
    ['showMessageBox', 'showOpenDialog', 'showSaveDialog', 'showCertificateTrustDialog'],
    Promise.resolve({ response: 0, canceled: true, filePaths: [] }),
  );
  replace(dialog, 'dialog', ['showMessageBoxSync', 'showErrorBox']);
  replace(clipboard, 'clipboard', [
    'writeText',
    'write',
    'writeHTML',
    'writeImage',
    'writeBookmark',
    'clear',
  ]);
  replace(clipboard, 'clipboard', ['readText', 'readHTML', 'read'], '');
  replace(app, 'app', [
    'relaunch',
    'setAsDefaultProtocolClient',
    'setLoginItemSettings',
    'addRecentDocument',
    'setBadgeCount',
    'exit',
  ]);
  replace(globalShortcut, 'globalShortcut', ['register', 'registerAll'], false);
  Object.assign(electron.Notification.prototype, {
    show(this: Electron.Notification) {
      note('effect', `notification: ${this.title}: ${this.body}`);
    },
  });
  Object.assign(electron.Notification, { isSupported: () => true });
  replace(net, 'net', ['request']);
  replace(electron.utilityProcess, 'utilityProcess', ['fork']);
  app.on('browser-window-created', () => note('effect', 'a window'));
  app.on('web-contents-created', () => note('effect', 'a page'));
  for (const contents of electron.webContents.getAllWebContents()) {
    contents.on('will-navigate', (_event, url) => note('effect', `navigation to ${url}`));
    contents.on('did-start-navigation', (details) => {
      if (!details.isSameDocument) note('effect', `navigation to ${details.url}`);
    });
    contents.session.on('will-download', (_event, item) => {
      note('effect', `download of ${item.getURL()}`);
    });
  }
  const sessions = new Set([
    session.defaultSession,
    ...electron.webContents.getAllWebContents().map((contents) => contents.session),
  ]);
  for (const one of sessions) {
    const tell = ({ url }: { readonly url: string }): void => {
      if (!url.startsWith('app://bundle/') && !url.startsWith('devtools://')) note('request', url);
    };
    one.webRequest.onSendHeaders(tell);
    one.webRequest.onErrorOccurred(tell);
    one.webRequest.onCompleted(tell);
  }

  const builtin = (name: string): Functions =>
    process.getBuiltinModule(name as 'fs') as unknown as Functions;
  const processes = builtin('child_process');
  const { ChildProcess } = processes as unknown as { ChildProcess: { prototype: Functions } };
  const refuse = (what: string) =>
    function refused(...args: unknown[]): never {
      const [first] = args as readonly { readonly args?: readonly unknown[] }[];
      note('effect', `${what} ${words(first?.args ?? args.slice(0, 2))}`);
      throw new Error('refused by the watch');
    };
  ChildProcess.prototype['spawn'] = refuse('process');
  for (const name of ['spawnSync', 'execSync', 'execFileSync']) processes[name] = refuse(name);

  const path = process.getBuiltinModule('path');
  const isOwn = (file: unknown): boolean => {
    if (typeof file === 'number') return true;
    const text = file instanceof URL ? decodeURIComponent(file.pathname) : String(file);
    const whole = path.resolve(text);
    return own.mayWrite.some(
      (folder) => whole === folder || whole.startsWith(`${folder}${path.sep}`),
    );
  };
  const fs = builtin('fs');
  const writers = [
    'writeFile',
    'appendFile',
    'mkdir',
    'rm',
    'rmdir',
    'unlink',
    'rename',
    'copyFile',
    'cp',
    'symlink',
    'link',
    'chmod',
    'truncate',
    'mkdtemp',
    'createWriteStream',
  ];
  const guard = (owner: Functions, name: string, writes: (args: unknown[]) => boolean): void => {
    const before = owner[name];
    if (typeof before !== 'function') return;
    owner[name] = function guarded(this: unknown, ...args: unknown[]): unknown {
      const paths = ['rename', 'copyFile', 'cp', 'symlink', 'link'].some((word) =>
        name.startsWith(word),
      )
        ? args.slice(0, 2)
        : args.slice(0, 1);
      if (writes(args) && !paths.every(isOwn)) {
        note('effect', `fs.${name} ${words(paths)}`);
        throw new Error('refused by the watch');
      }
      return before.apply(this, args);
    };
  };
  const opensToWrite = ([, flags]: unknown[]): boolean =>
    typeof flags === 'string'
      ? /[wa+]/u.test(flags)
      : typeof flags === 'number' && (flags & 3) !== 0;
  for (const owner of [fs, fs['promises'] as unknown as Functions]) {
    for (const name of writers) {
      guard(owner, name, () => true);
      guard(owner, `${name}Sync`, () => true);
    }
    guard(owner, 'open', opensToWrite);
    guard(owner, 'openSync', opensToWrite);
  }

  const { Socket } = builtin('net') as unknown as { Socket: { prototype: Functions } };
  const connect = Socket.prototype['connect'];
  Socket.prototype['connect'] = function connectNoted(this: unknown, ...args: unknown[]): unknown {
    const [first] = (Array.isArray(args[0]) ? args[0] : args) as unknown[];
    const to = (typeof first === 'object' && first !== null ? first : { port: first }) as {
      readonly port?: unknown;
      readonly host?: unknown;
      readonly path?: unknown;
    };
    const isLoopback = [undefined, null, 'localhost', '127.0.0.1'].includes(to.host as string);
    if (to.path === undefined && !(isLoopback && own.mayReach.includes(Number(to.port)))) {
      note('request', `socket to ${String(to.host)}:${String(to.port)}`);
      throw new Error('refused by the watch');
    }
    return connect?.apply(this, args);
  };
  const { Socket: UdpSocket } = builtin('dgram') as unknown as { Socket: { prototype: Functions } };
  replace(UdpSocket.prototype, 'datagram', ['send', 'connect']);
  process.getBuiltinModule('module').syncBuiltinESMExports();
}

/** Pids below `root`, by the system's own list; none where there is no such list. */
function descendants(root: number): readonly number[] {
  if (!existsSync('/proc/self/stat')) return [];
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/u.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it ended meanwhile
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent === root || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

function executableOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}
