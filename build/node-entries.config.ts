import { isBuiltin } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, '..');

/** Packages with a native part: they cannot be bundled and are shipped beside the bundle instead. */
const native = ['@github/keytar', '@photostructure/sqlite'];

/**
 * The programs that run on plain Node 24 (guardian, route, trust, headless). Each is self-contained,
 * so that the packaged app can start them from outside its archive.
 */
export default defineConfig({
  root,
  publicDir: false,
  logLevel: 'warn',
  // Server code looks at the real environment when it runs, not at the one of the build.
  define: { 'process.env.NODE_ENV': 'process.env.NODE_ENV' },
  ssr: { noExternal: true, external: native, target: 'node' },
  build: {
    ssr: true,
    target: 'node24',
    outDir: resolve(root, 'out/node'),
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      external: (id: string) => isBuiltin(id),
      input: {
        guardian: resolve(root, 'src/ha/guardian/guardian-main.node.ts'),
        route: resolve(root, 'src/routing/route-main.node.ts'),
        trust: resolve(root, 'src/trust/trust-main.node.ts'),
        'verify-log': resolve(root, 'src/trust/audit/verify-log-main.node.ts'),
        'agent-tools': resolve(root, 'src/trust/door/agent-tools-main.node.ts'),
        headless: resolve(root, 'src/headless/index.ts'),
      },
      output: {
        format: 'es',
        entryFileNames: '[name].js',
        chunkFileNames: 'shared/[name]-[hash].js',
      },
    },
  },
});
