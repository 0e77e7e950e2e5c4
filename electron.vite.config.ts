import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';

const root = import.meta.dirname;
const page = (name: string): string => resolve(root, 'src/renderer', `${name}.html`);

export default defineConfig({
  main: {
    build: {
      // The oldest supported Electron (33) carries Node 20.18; electron-vite would guess the newest.
      target: 'node20.18',
      // What is in `dependencies` ships in node_modules: native parts, and what most starts never load.
      // Everything else is bundled, because one file starts faster than hundreds.
      externalizeDeps: true,
      sourcemap: true,
      rolldownOptions: { input: { index: resolve(root, 'src/main/index.ts') } },
    },
  },
  preload: {
    build: {
      target: 'node20.18',
      // A sandboxed preload can load neither ESM, nor packages, nor a second chunk, and fails without
      // an exception when it tries: so it is one CommonJS file with everything inside.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: resolve(root, 'src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: resolve(root, 'src/renderer'),
    plugins: [react(), tailwindcss()],
    build: {
      target: 'chrome130',
      outDir: resolve(root, 'out/renderer'),
      // The pages' policy allows 'self' only: no data: fonts, no inline polyfill.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      minify: true,
      rolldownOptions: {
        input: { shell: page('shell'), view: page('view'), overlay: page('overlay') },
        // The door of `shared` also leads to the schemas, which only main needs: without this, zod comes along.
        treeshake: {
          moduleSideEffects: [{ test: /[\\/]src[\\/](base|shared)[\\/]/, sideEffects: false }],
        },
      },
    },
  },
});
