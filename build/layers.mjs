// The layer rules of the source tree, as data. One table, three readers: ESLint (eslint.config.js),
// the structure test (src/structure.test.ts) and whoever wants to know where a new file belongs.

/**
 * The layers that know nothing of Electron or React, and their ranks: a layer imports lower ranks
 * only. Layers of equal rank (`cloud` and `ha`; `main` and `headless`) do not see each other.
 * @type {Readonly<Record<string, number>>}
 */
export const layerRanks = {
  base: 0,
  shared: 1,
  store: 2,
  trust: 3,
  gateways: 4,
  cloud: 5,
  ha: 5,
  routing: 6,
  chat: 7,
  core: 8,
  main: 9,
  headless: 9,
};

/** The two composition roots: they may use Node freely, and nobody imports them. */
export const compositionRoots = ['main', 'headless'];

/** What the renderer may import besides itself. */
export const rendererMayImport = ['base', 'shared'];

/** The only project file that the sandboxed preload may import: names of channels, nothing else. */
export const preloadMayImport = 'src/shared/ipc/channels.ts';

/** The doors of an area: what other areas may import of it. */
export const doors = ['index.ts', 'index.node.ts'];

/** Powers that exactly one file may use, so that its checks cannot be walked around. */
export const singleUse = [
  { name: 'openExternal', within: 'src/main' },
  { name: 'ipcMain', within: 'src/main' },
  { name: 'ipcRenderer', within: 'src/preload' },
];
