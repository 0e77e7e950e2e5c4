import type { Result } from '../../base/index.ts';
import type { FencePluginConfig } from '../fence/protocol.ts';

/** Why a plugin must take no lease, in words for the person; null if it may. */
export function pluginProblem(
  config: Result<FencePluginConfig, string>,
  openclaw: string,
  tested: string,
): string | null {
  if (openclaw !== tested)
    return `this gateway runs OpenClaw ${openclaw}; the fence was tested with ${tested} only. Run the tested version, or update Switchyard`;
  return config.ok ? null : `the plugin's configuration is broken: ${config.error}`;
}
