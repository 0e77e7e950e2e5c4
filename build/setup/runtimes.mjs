import { ensureDependencies } from './dependencies.mjs';
import { hasDisplay } from './display.mjs';
import { ensureElectron } from './electron.mjs';
import { ensureGateway } from './gateway.mjs';
import { ensureLinuxLibraries } from './linux-libraries.mjs';
import { resolveNode } from './node.mjs';

/**
 * @typedef {object} Needs
 * @property {boolean} [gateway] the real OpenClaw
 * @property {boolean} [electron] an Electron runtime
 * @property {boolean} [libraries] what Linux must have for Electron to open a window
 * @property {boolean} [testPrograms] a session bus and a keyring, for the tests
 */

/**
 * @typedef {object} Runtimes
 * @property {string} node path of Node 24
 * @property {string} [openclaw] path of openclaw.mjs
 * @property {import('./electron.mjs').ElectronRuntime} [electron]
 * @property {Record<string, string>} env the same for children: SWITCHYARD_NODE, SWITCHYARD_OPENCLAW, SWITCHYARD_ELECTRON
 */

/**
 * Sets up what `needs` names and says where it is. What is there already costs some milliseconds.
 * @param {Needs} needs
 * @returns {Promise<Runtimes>}
 */
export async function resolveRuntimes(needs) {
  await ensureDependencies();
  const node = resolveNode();
  /** @type {Runtimes} */
  const runtimes = { node, env: { SWITCHYARD_NODE: node } };
  if (needs.electron === true) {
    runtimes.electron = await ensureElectron(node);
    runtimes.env['SWITCHYARD_ELECTRON'] = runtimes.electron.executable;
    if (needs.libraries === true) {
      await ensureLinuxLibraries(runtimes.electron.executable, {
        forTests: needs.testPrograms === true,
        needsDisplay: !hasDisplay(),
      });
    }
  }
  if (needs.gateway === true) {
    runtimes.openclaw = await ensureGateway();
    runtimes.env['SWITCHYARD_OPENCLAW'] = runtimes.openclaw;
  }
  return runtimes;
}
