import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.{ts,tsx}',
      'e2e/{continuity,support,failover,door}/**/*.test.ts',
      'build/**/*.test.{ts,mjs}',
    ],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    // Integration tests start real gateways (7 to 17 s each on a small machine).
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubGlobals: true,
    allowOnly: false,
    passWithNoTests: false,
  },
});
