import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '..');

function packageAt(path: string): { version: string; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(resolve(root, path), 'utf8')) as ReturnType<typeof packageAt>;
}

const tested = packageAt('build/gateway-runtime/package.json').dependencies['openclaw'];

/** The plugin for OpenClaw: one file that the gateway's own process loads, beside its manifest from resources/. */
export default defineConfig({
  root,
  publicDir: resolve(root, 'resources/gateway-plugin'),
  logLevel: 'warn',
  define: {
    SWITCHYARD_VERSION: JSON.stringify(packageAt('package.json').version),
    SWITCHYARD_TESTED_OPENCLAW: JSON.stringify(tested),
  },
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: true,
    target: 'node24',
    outDir: resolve(root, 'out/gateway-plugin'),
    emptyOutDir: true,
    copyPublicDir: true,
    minify: false,
    rolldownOptions: {
      external: (id: string) => isBuiltin(id) || id.startsWith('openclaw/'),
      input: { index: resolve(root, 'src/ha/plugin/entry.node.ts') },
      output: { format: 'es', entryFileNames: '[name].js' },
    },
  },
});
