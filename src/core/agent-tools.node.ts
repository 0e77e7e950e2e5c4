/**
 * Gives the agents of gateways the tools by which they reach other domains: the door into this app while it runs, and the
 * lines in the configuration of each gateway that we run.
 *
 * Invariants
 * 1. Only gateways that a person chose have a token, and lines in their configuration.
 * 2. Without a door nobody is let in, and the reason is told.
 */
import { join } from 'node:path';

import { fail, ok, type Clock, type Logger, type Result } from '../base/index.ts';
import { agentToolsText } from '../gateways/index.ts';
import type { AgentToolsInstall } from '../gateways/index.ts';
import { gatewayFolder, writeAgentTools } from '../gateways/index.node.ts';
import { appError, type AppError } from '../shared/index.ts';
import type { AuditLog } from '../trust/index.ts';
import { doorFolder, openAgentDoor, type OpenDoor } from '../trust/index.node.ts';
import type { AgentCalls } from './model.ts';
import type { AgentToolsHost, ToolsClient } from './ports.ts';

export interface AgentTools extends AgentToolsHost {
  /** What a gateway is started with; null: it has no tools. */
  install(gatewayId: string): AgentToolsInstall | null;
  /** Opens the door, where it can be; never rejects. */
  open(calls: AgentCalls): Promise<void>;
}

/** Prepares it; nobody is let in before `open`, and nothing is written before `give`. */
export function createAgentTools(options: {
  readonly home: string;
  /** What the tools are run with, and their program. */
  readonly node: string | null;
  readonly program: string;
  readonly log: Pick<AuditLog, 'record'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): AgentTools {
  const { home, node, program, log, clock, logger } = options;
  let door: OpenDoor | null = null;
  let problem: string | null = node === null ? 'there is no Node to run the tools with' : null;
  let given: readonly ToolsClient[] = [];

  const installOf = ({ gatewayId, to }: ToolsClient): AgentToolsInstall | null =>
    node === null ? null : { node, program, folder: doorFolder(home), client: gatewayId, to };
  const clients = () => given.map(({ gatewayId, domain }) => ({ id: gatewayId, domain }));

  return {
    install: (gatewayId) => {
      const client = given.find((one) => one.gatewayId === gatewayId);
      return client === undefined ? null : installOf(client);
    },
    open: async (calls) => {
      const opened = await openAgentDoor({
        home,
        door: calls,
        onChange: calls.onChange,
        clock,
        clients: clients(),
        refused: ({ way, why, count }) => {
          log.record({
            atMs: clock.wallMs(),
            principal: 'ext',
            action: 'ask_work',
            resource: 'app',
            effect: 'deny',
            rule: 'the door for agents',
            count,
            detail: `turned away at the ${way}: ${why}`,
          });
        },
      });
      if (opened.ok) door = opened.value;
      else {
        problem = opened.error.message;
        logger.error('agents cannot be let in', { error: problem });
      }
    },
    state: () => ({ way: door?.way ?? 'closed', problem }),
    give: (next, managed) => {
      const before = given;
      given = next;
      const admitted = door?.setClients(clients()) ?? ok(null);
      const left = before.filter(
        ({ gatewayId }) => !next.some((one) => one.gatewayId === gatewayId),
      );
      const written = [
        ...left.map(({ gatewayId }) => [gatewayId, null] as const),
        ...next.map((client) => [client.gatewayId, installOf(client)] as const),
      ]
        .filter(([gatewayId]) => managed.includes(gatewayId))
        .map(([gatewayId, install]) =>
          writeAgentTools(gatewayFolder(home, gatewayId).config, install),
        );
      return [admitted, ...written].find((result) => !result.ok) ?? ok(null);
    },
    text: (client): Result<string, AppError> => {
      const install = installOf(client);
      return install === null
        ? fail(appError('not-found', problem ?? ''))
        : ok(agentToolsText(install));
    },
    close: async () => {
      await door?.close();
      door = null;
    },
  };
}

/** The program of the tools: it lies beside the guardian's bundle. */
export function agentToolsProgram(guardianEntry: string): string {
  return join(guardianEntry, '..', 'agent-tools.js');
}
