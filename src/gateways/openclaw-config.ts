import { fieldsAt } from './config-fields.ts';
import type { Fields } from './config-fields.ts';
import type { ManagedGateway } from './model.ts';
import { removeFencePlugin } from './plugin-install.ts';

/** Where a managed gateway keeps what it owns; absolute paths. */
export interface GatewayFolder {
  readonly root: string;
  readonly config: string;
  readonly state: string;
  readonly temporary: string;
  readonly workspace: string;
  readonly logs: string;
  /** The certificate that the gateway makes for itself where other computers reach it. */
  readonly certificate: string;
  readonly pidFile: string;
}

/**
 * The OpenClaw configuration of a gateway that we run: token from the environment, its log in its own folder. It listens
 * on the loopback alone, or with TLS on one address of this computer too. One that rests runs no jobs. We write no credential
 * into it.
 */
export function openClawConfig(
  gateway: ManagedGateway,
  folder: GatewayFolder,
  separator: string,
  exposedAt: string | null = null,
  rests = false,
): string {
  const model = gateway.model;
  const config = {
    gateway: {
      mode: 'local',
      port: gateway.port,
      auth: { mode: 'token' },
      ...(exposedAt === null
        ? { bind: 'loopback' }
        : {
            bind: 'custom',
            customBindHost: exposedAt,
            // It makes the certificate when it starts for the first time, and keeps it.
            tls: { enabled: true, autoGenerate: true },
            controlUi: { enabled: false },
          }),
    },
    ...(rests ? { cron: { enabled: false } } : {}),
    logging: { file: `${folder.logs}${separator}openclaw.log` },
    agents: {
      defaults: {
        skipBootstrap: true,
        workspace: folder.workspace,
        ...(model === null ? {} : { model: { primary: `${model.provider}/${model.id}` } }),
      },
    },
    ...(model === null
      ? {}
      : {
          models: {
            providers: {
              [model.provider]: {
                baseUrl: model.baseUrl,
                apiKey: 'none', // the provider wants one; servers on loopback ignore it
                api: 'openai-completions',
                models: [
                  { id: model.id, name: model.id, contextWindow: 128_000, maxTokens: 4_096 },
                ],
              },
            },
          },
        }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/**
 * Our configuration `ours` with what a person, or the gateway for them, set in the file that is there (`before`): channels,
 * plugins, tools, agents of their own. What we decide, and our plugin (from `pluginPath`), is never taken over from it.
 * @throws SyntaxError if `before` is not JSON
 */
export function keepingOwn(ours: string, before: string, pluginPath: string | null): string {
  const config = JSON.parse(ours) as Fields;
  // With `meta`: OpenClaw takes a file that lost its mark for damaged and brings an older one back.
  const { cron, ...own } = JSON.parse(removeFencePlugin(before, pluginPath)) as Fields;
  const { enabled: _ours, ...schedule } = fieldsAt({ cron }, 'cron');
  const agents = fieldsAt(own, 'agents');
  const models = fieldsAt(own, 'models');
  const merged = {
    ...own,
    ...config,
    agents: {
      ...agents,
      ...fieldsAt(config, 'agents'),
      defaults: {
        ...fieldsAt(agents, 'defaults'),
        ...fieldsAt(fieldsAt(config, 'agents'), 'defaults'),
      },
    },
    ...('models' in config
      ? {
          models: {
            ...models,
            providers: {
              ...fieldsAt(models, 'providers'),
              ...fieldsAt(fieldsAt(config, 'models'), 'providers'),
            },
          },
        }
      : {}),
    ...(Object.keys(schedule).length > 0 || 'cron' in config
      ? { cron: { ...schedule, ...fieldsAt(config, 'cron') } }
      : {}),
  };
  return `${JSON.stringify(merged, null, 2)}\n`;
}

/** Variables of this process that a gateway may see. An allow list: this process may hold secrets that are not its business. */
export const inheritedVariables: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'NODE_EXTRA_CA_CERTS',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'XDG_RUNTIME_DIR',
  'SystemRoot',
  'SystemDrive',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'PATHEXT',
  'COMSPEC',
  'WINDIR',
];

/**
 * The environment of a gateway process, as `docs/gateway/embedding.md` of OpenClaw tells a host to set it. One that rests runs
 * no channels; one of a pair runs them with its lease (our plugin sees to that).
 */
export function gatewayEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  folder: GatewayFolder,
  token: string,
  rests = false,
): Record<string, string> {
  const kept = inheritedVariables.flatMap((name) => {
    const value = inherited[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    OPENCLAW_CONFIG_PATH: folder.config,
    OPENCLAW_STATE_DIR: folder.state,
    OPENCLAW_GATEWAY_TOKEN: token,
    OPENCLAW_NO_RESPAWN: '1',
    OPENCLAW_DISABLE_BONJOUR: '1',
    ...(rests ? { OPENCLAW_SKIP_CHANNELS: '1' } : {}),
    OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
    TMPDIR: folder.temporary,
    TMP: folder.temporary,
    TEMP: folder.temporary,
  };
}
