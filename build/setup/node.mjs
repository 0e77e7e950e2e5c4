import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { SetupError } from './report.mjs';

/**
 * The Node that runs our tools and the gateways: 24.16 or later in line 24, or 26.1 and later
 * (what OpenClaw supports). A configured path first, then the one among the dependencies, then the running one.
 * @returns {string} path of the executable
 */
export function resolveNode() {
  const configured = process.env['SWITCHYARD_NODE'];
  if (configured) {
    const version = versionOf(configured);
    if (isSupported(version)) return configured;
    throw new SetupError(
      `SWITCHYARD_NODE is ${configured}, which ${version === undefined ? 'does not run' : `is Node ${version}`}. ` +
        'Point it at Node 24.16 or later (24.x), or unset it.',
    );
  }
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const bundled = inRoot('node_modules', `node-${platform}-${process.arch}`, 'bin', program);
  if (existsSync(bundled)) return bundled;
  if (isSupported(process.versions.node)) return process.execPath;
  throw new SetupError(
    `Node 24.16 or later is needed to run gateways; this is Node ${process.versions.node}, and there is no packaged ` +
      `Node for ${process.platform}-${process.arch}. Install Node 24 and run this command with it, or set SWITCHYARD_NODE.`,
  );
}

/** @param {string} path @returns {string | undefined} */
function versionOf(path) {
  try {
    return execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 5000 }).trim().slice(1);
  } catch {
    return undefined;
  }
}

/** @param {string | undefined} version @returns {boolean} */
function isSupported(version) {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
}
