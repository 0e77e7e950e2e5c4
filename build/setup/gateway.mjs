import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheDir, hash, inRoot } from './paths.mjs';
import { SetupError, step } from './report.mjs';
import { requireSuccess, runNpm } from './run-program.mjs';

const source = inRoot('build', 'gateway-runtime');

/**
 * The real OpenClaw, at the version pinned in build/gateway-runtime, in the per-user cache. It is no dependency
 * of ours (it is larger than everything else together, and each clone would carry it again).
 * @returns {Promise<string>} path of openclaw.mjs
 */
export async function ensureGateway() {
  const configured = process.env['SWITCHYARD_OPENCLAW'];
  if (configured) {
    if (existsSync(configured)) return configured;
    throw new SetupError(
      `SWITCHYARD_OPENCLAW is ${configured}, which does not exist. Correct it or unset it.`,
    );
  }
  const manifest = readFileSync(join(source, 'package.json'), 'utf8');
  const lock = readFileSync(join(source, 'package-lock.json'));
  const version = JSON.parse(manifest).dependencies.openclaw;
  const target = join(cacheDir(), `gateway-${version}-${hash(manifest, lock).slice(0, 8)}`);
  const entry = join(target, 'node_modules', 'openclaw', 'openclaw.mjs');
  if (existsSync(target)) return entry;

  await withLock(`${target}.lock`, async () => {
    if (existsSync(target)) return;
    await step(`gateway runtime (OpenClaw ${version})`, async () => {
      // Installed beside its place and moved there in one step: what is at `target` is always whole.
      const unfinished = `${target}.unfinished`;
      rmSync(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished, { recursive: true });
      for (const name of ['package.json', 'package-lock.json'])
        cpSync(join(source, name), join(unfinished, name));
      // Its preinstall refuses the Node that may be running npm here; its scripts are not needed to run it.
      const result = await runNpm(
        ['ci', '--ignore-scripts', '--omit=dev', '--no-fund', '--no-audit'],
        unfinished,
      );
      requireSuccess(
        result,
        `OpenClaw ${version} could not be installed. Check the network and the disk, then try again; npm said:`,
      );
      renameSync(unfinished, target);
    });
  });
  return entry;
}
