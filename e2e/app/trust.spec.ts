import { expect, test } from '@playwright/test';

import { allReady, ask } from './app-run.ts';
import { startDoubleRun } from './double-world.ts';
import type { DoubleRun } from './double-world.ts';

/** The Trust panel in the whole app: what lets something through takes a click that main itself saw. */
let started: DoubleRun;
let run: DoubleRun['run'];

test.beforeAll(async () => {
  started = await startDoubleRun();
  ({ run } = started);
  await allReady(run);
});

test.afterAll(async () => {
  await started.close();
});

test('trust is switched on by clicks and by nothing else, and cut at once', async () => {
  const { shell } = run;
  const edge = { from: 'personal', to: 'work' };
  await shell.getByRole('button', { name: 'Trust' }).click();
  const panel = shell.getByRole('region', { name: 'Trust', exact: true });
  const mayAsk = panel.getByRole('switch', { name: /may ask/u });
  await expect(mayAsk).not.toBeChecked();
  await run.until('the panel is open', ({ ui }) => ui.panel === 'trust');
  // One click serves one act, within a second: after this one there is none left.
  await ask(shell, 'trust.clearTaint', { domain: 'personal' });
  expect(await ask(shell, 'trust.allow', edge)).toMatchObject({
    ok: false,
    error: { code: 'denied' },
  });

  await mayAsk.click();
  await panel.getByRole('group').getByRole('button', { name: /^Let / }).click();
  await run.until('trust is on', ({ trust }) => trust.edges.length === 1);
  await expect(mayAsk).toBeChecked();
  await mayAsk.click();
  const cut = await run.until('trust is off', ({ trust }) => trust.edges.length === 0);
  expect(cut.trust.epoch).toBe(1);
  await expect(panel.getByText('Cut 1 times so far')).toBeVisible();

  const log = panel.getByRole('region', { name: 'Log', exact: true });
  await log.getByRole('button', { name: 'Check now' }).click();
  await expect(log).toContainText(/Checked today .* nothing altered, nothing missing/u);
});
