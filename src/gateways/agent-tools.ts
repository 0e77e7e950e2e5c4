/**
 * Puts the tools by which its agents reach other domains into the configuration of a gateway, and takes them out again.
 * Pure: text in, text out. OpenClaw reads this part of its configuration anew without a start.
 */
import { edited, fieldsAt, withPart } from './config-fields.ts';
import type { Fields } from './config-fields.ts';

/** What a gateway starts for its agents. Whoever passes one has the person's consent: nothing here asks. Holds no secret. */
export interface AgentToolsInstall {
  /** The Node that runs them; an absolute path, as all of them. */
  readonly node: string;
  /** The built `agent-tools.js`. */
  readonly program: string;
  /** The folder of the door: there the tools find the app, and their token while it runs. */
  readonly folder: string;
  /** What the door calls this gateway: its id. */
  readonly client: string;
  /** The domains that they may ask, by their ids. */
  readonly to: readonly string[];
}

/** How the tools are called in `mcp.servers`; OpenClaw puts it before their names: `switchyard__ask_work`. */
const agentToolsName = 'switchyard';

/** How long OpenClaw waits for an answer, in milliseconds; the tools answer within 45 s, and theirs may be the last word. */
const requestTimeoutMs = 60_000;

/**
 * The configuration with the tools in it, or without them where they may ask nobody; everything else stays as it is.
 * Installing again replaces what was installed.
 * @throws SyntaxError if `configText` is not JSON
 */
export function installAgentTools(configText: string, install: AgentToolsInstall): string {
  if (install.to.length === 0) return removeAgentTools(configText);
  return edited(configText, (config) => {
    const mcp = fieldsAt(config, 'mcp');
    const servers = { ...fieldsAt(mcp, 'servers'), [agentToolsName]: entryOf(install) };
    return { ...config, mcp: { ...mcp, servers } };
  });
}

/**
 * The configuration without the tools, as it was before they were installed.
 * @throws SyntaxError if `configText` is not JSON
 */
export function removeAgentTools(configText: string): string {
  return edited(configText, (config) => {
    const mcp = fieldsAt(config, 'mcp');
    const { [agentToolsName]: ours, ...others } = fieldsAt(mcp, 'servers');
    if (ours === undefined) return config;
    return withPart(config, 'mcp', withPart(mcp, 'servers', others));
  });
}

/** What a person adds to `openclaw.json` of a gateway that we do not run, in JSON. */
export function agentToolsText(install: AgentToolsInstall): string {
  return installAgentTools('{}', install);
}

function entryOf({ node, program, folder, client, to }: AgentToolsInstall): Fields {
  return {
    command: node,
    args: [program, '--folder', folder, '--client', client, ...to.flatMap((id) => ['--to', id])],
    requestTimeoutMs,
  };
}
