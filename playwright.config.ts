import { defineConfig } from '@playwright/test';

// Specs launch Electron themselves (`_electron.launch` with SWITCHYARD_ELECTRON), so there are no
// browser projects and nothing is downloaded. One worker: each spec runs real gateways and owns the display.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: '.cache/test-results/e2e',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: '.cache/test-results/e2e.json' }]],
  projects: [
    { name: 'app', testIgnore: '**/*.lab.spec.ts' },
    // `npm run test:two-computers` puts the hosts of a lab around it.
    { name: 'two-computers', testMatch: '**/*.lab.spec.ts' },
  ],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
});
