import { contextBridge, ipcRenderer } from 'electron';

import { channels } from '../shared/ipc/channels.ts';

/**
 * The whole of what a page gets: one function per channel of its surface. Which surface this page is, and which gateway
 * it belongs to, is decided by main from the sender of each call; the argument here only chooses which names appear.
 */
const surfaceFlag = '--switchyard-surface=';
const surface =
  process.argv.find((argument) => argument.startsWith(surfaceFlag))?.slice(surfaceFlag.length) ??
  '';

function isSurface(name: string): name is keyof typeof channels {
  return Object.hasOwn(channels, name);
}

if (isSurface(surface)) {
  const bridge: Record<string, Record<string, unknown>> = {};
  for (const [area, methods] of Object.entries(
    channels[surface] as Record<string, Record<string, 'invoke' | 'event'>>,
  )) {
    const entries: Record<string, unknown> = {};
    for (const [method, kind] of Object.entries(methods)) {
      const channel = `switchyard:${surface}:${area}:${method}`;
      if (kind === 'invoke') {
        entries[method] = (input?: unknown) => ipcRenderer.invoke(channel, input);
      } else {
        entries[`on${method.charAt(0).toUpperCase()}${method.slice(1)}`] = (
          listener: (payload: unknown) => void,
        ) => {
          // The Electron event object stays here: it would hand the page a way to send on any channel.
          const forward = (_event: unknown, payload: unknown): void => {
            listener(payload);
          };
          ipcRenderer.on(channel, forward);
          return () => {
            ipcRenderer.removeListener(channel, forward);
          };
        };
      }
    }
    bridge[area] = entries;
  }
  contextBridge.exposeInMainWorld('switchyard', bridge);
}
