/** Puts our plugin into the configuration of a gateway that we run, and takes it out again. Pure: text in, text out. */

import { edited, fieldsAt, withPart } from './config-fields.ts';
import type { Fields } from './config-fields.ts';

/** What a gateway of a pair is told. Whoever passes one has the person's consent: nothing here asks. */
export interface FencePluginInstall {
  /** The folder of the built plugin; an absolute path. */
  readonly pluginPath: string;
  /** The plugin's own configuration, as `src/ha/fence/protocol.ts` reads it. */
  readonly config: {
    readonly pair: string;
    readonly gateway: string;
    readonly mode: 'timed' | 'held';
    readonly registerPath?: string | undefined;
  };
}

/** The folder that each version of the app keeps the plugin in; its own place differs. */
const ownFolder = /[\\/]gateway-plugin$/u;

/** The plugin's id: the one in `resources/gateway-plugin/openclaw.plugin.json`. */
export const fencePluginId = 'switchyard-fence';

/**
 * The configuration with the plugin in it; everything else stays as it is. Installing again replaces what was installed.
 * A list of allowed plugins is extended, never begun: beginning one would shut out every plugin that is not on it.
 * @throws SyntaxError if `configText` is not JSON
 */
export function installFencePlugin(configText: string, install: FencePluginInstall): string {
  return edited(configText, (config) => {
    const plugins = fieldsAt(without(config, install.pluginPath), 'plugins');
    const load = fieldsAt(plugins, 'load');
    const allow = plugins['allow'];
    return {
      ...config,
      plugins: {
        ...plugins,
        load: { ...load, paths: [...listAt(load, 'paths'), install.pluginPath] },
        entries: {
          ...fieldsAt(plugins, 'entries'),
          [fencePluginId]: {
            enabled: true,
            // Without this OpenClaw does not call `before_agent_run`: a gate that is silently open.
            hooks: { allowConversationAccess: true },
            config: install.config,
          },
        },
        ...(Array.isArray(allow) ? { allow: [...(allow as unknown[]), fencePluginId] } : {}),
      },
    };
  });
}

/**
 * The configuration without the plugin, as it was before it was installed from `pluginPath` (null: from wherever an app had it).
 * @throws SyntaxError if `configText` is not JSON
 */
export function removeFencePlugin(configText: string, pluginPath: string | null): string {
  return edited(configText, (config) => without(config, pluginPath));
}

function without(config: Fields, pluginPath: string | null): Fields {
  const plugins = fieldsAt(config, 'plugins');
  const entries = fieldsAt(plugins, 'entries');
  if (!(fencePluginId in entries)) return config;
  const load = fieldsAt(plugins, 'load');
  const { [fencePluginId]: _ours, ...otherEntries } = entries;
  const allow = plugins['allow'];
  const otherPaths = listAt(load, 'paths').filter(
    (path) => path !== pluginPath && !ownFolder.test(String(path)),
  );
  return withPart(config, 'plugins', {
    ...withPart(
      withPart(plugins, 'load', withPart(load, 'paths', otherPaths)),
      'entries',
      otherEntries,
    ),
    ...(Array.isArray(allow) ? { allow: except(allow, fencePluginId) } : {}),
  });
}

function except(list: readonly unknown[], value: string): readonly unknown[] {
  return list.filter((entry) => entry !== value);
}

function listAt(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  return Array.isArray(value) ? value : [];
}
