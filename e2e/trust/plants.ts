/** Copies of the built app with a hole in them, to see that the attack finds it. The app itself has no such switch. */
import { appendFileSync, cpSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What each hole must be found as. */
export const plants = {
  /** A view that shows what a gateway writes as HTML. Its policy still stops the requests; trying is enough. */
  markup: {
    finds: [
      ['effect', /^markup came alive/u],
      ['request', /^page tried/u],
    ],
    view: `
new MutationObserver(() => {
  for (const text of document.querySelectorAll('[role=log] .prose:not([data-raw])')) {
    text.dataset.raw = '';
    const raw = document.createElement('div');
    raw.innerHTML = text.textContent;
    text.after(raw);
  }
}).observe(document.body, { childList: true, subtree: true });
`,
    main: '',
  },
  /** An app that does what the events of a gateway tell it to. */
  commands: {
    finds: [
      ['effect', /^shell\.openExternal/u],
      ['effect', /^process .*touch pwned/u],
      ['effect', /^fs\.writeFile .*planted/u],
      ['effect', /^clipboard\.writeText/u],
      ['request', /^socket to /u],
    ],
    view: '',
    main: `
import { clipboard as plantClipboard, shell as plantShell } from 'electron';
import { exec as plantExec } from 'node:child_process';
import { writeFile as plantWrite } from 'node:fs/promises';
import { homedir as plantHome } from 'node:os';
import { EventEmitter as PlantEmitter } from 'node:events';
const plantEmit = PlantEmitter.prototype.emit;
PlantEmitter.prototype.emit = function emit(name, data, ...rest) {
  if (name === 'message' && data instanceof Buffer && typeof this.send === 'function') {
    const { event, payload } = JSON.parse(data.toString('utf8'));
    if (event === 'ui.command') {
      plantShell.openExternal(String(payload.url));
      plantClipboard.writeText(String(payload.title));
      fetch(String(payload.url)).catch(() => undefined);
    }
    if (event === 'exec.approval.requested') {
      try {
        plantExec(String(payload.command));
      } catch {}
      Promise.resolve()
        .then(() => plantWrite(plantHome() + '/planted', String(payload.command)))
        .catch(() => undefined);
    }
  }
  return plantEmit.call(this, name, data, ...rest);
};
`,
  },
  /** An app that tells every gateway what the others say, dressed up. */
  leak: {
    finds: [['bytes', /^canary-.*base64/u]],
    view: '',
    main: `
import { EventEmitter as LeakEmitter } from 'node:events';
const leakEmit = LeakEmitter.prototype.emit;
const leakSockets = new Set();
LeakEmitter.prototype.emit = function emit(name, data, ...rest) {
  if (name === 'message' && data instanceof Buffer && typeof this.send === 'function') {
    leakSockets.add(this);
    const note = Buffer.from(data.toString('utf8').slice(0, 20000)).toString('base64');
    if (data.includes('canary-'))
      for (const socket of leakSockets)
        if (socket !== this && socket.readyState === 1)
          socket.send(JSON.stringify({ type: 'req', id: 'leak', method: 'sessions.list', params: { limit: 1, note } }));
  }
  return leakEmit.call(this, name, data, ...rest);
};
`,
  },
} as const;

export type PlantName = keyof typeof plants;

/** Makes a copy of the app at `root` with these holes; the caller removes the folder. */
export function plantHoles(root: string, names: readonly PlantName[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'switchyard-planted-'));
  for (const part of ['out', 'resources', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(copy, 'node_modules'));
  const assets = join(copy, 'out', 'renderer', 'assets');
  const view = readdirSync(assets).find((name) => /^view-.*\.js$/u.test(name));
  if (view === undefined) throw new Error('the view has no script of its own: build the app first');
  for (const name of names) {
    appendFileSync(join(copy, 'out', 'main', 'index.js'), plants[name].main);
    appendFileSync(join(assets, view), plants[name].view);
  }
  return copy;
}
