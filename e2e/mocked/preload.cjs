'use strict';
// The mock bridge, made from the same list of channels as the real one; the test passes the list in.
const { contextBridge, ipcRenderer } = require('electron');

const flag = '--mock-channels=';
const channels = JSON.parse(
  process.argv.find((argument) => argument.startsWith(flag)).slice(flag.length),
);

function method(channel, kind) {
  if (kind === 'invoke') return (input) => ipcRenderer.invoke('mock', channel, input);
  return (listener) => {
    const forward = (_event, payload) => listener(payload);
    ipcRenderer.on(channel, forward);
    return () => ipcRenderer.removeListener(channel, forward);
  };
}

const bridge = Object.fromEntries(
  Object.entries(channels).map(([area, methods]) => [
    area,
    Object.fromEntries(
      Object.entries(methods).map(([name, kind]) => [
        kind === 'event' ? `on${name.charAt(0).toUpperCase()}${name.slice(1)}` : name,
        method(`${area}.${name}`, kind),
      ]),
    ),
  ]),
);
contextBridge.exposeInMainWorld('switchyard', bridge);
