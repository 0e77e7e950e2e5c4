/**
 * The tools of an agent: an MCP server that offers, for each domain that trust may lead to, to ask it, to tell it
 * something, and to fetch an answer that took longer. Tools and nothing else. Which are listed does not depend on the app:
 * while it does not run, each says that it is not available.
 */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

import type { DomainId } from '../../shared/index.ts';
import { longestPurpose, longestText } from '../broker/crossing.ts';
import { parseAnswer, type DoorRequest } from './protocol.ts';

export interface AgentToolsOptions {
  /** Where trust may lead; one set of tools for each. */
  readonly to: readonly DomainId[];
  readonly version: string;
  /** Asks the app that runs; null when there is no answer. */
  readonly ask: (request: DoorRequest) => Promise<string | null>;
}

const words = z.string().min(1).max(longestText);
const purpose = z
  .string()
  .max(longestPurpose)
  .default('')
  .describe('Why, in a few words, for the person who decides. It is not sent.');
/** The forms of `AnswerSchema` in words: as a JSON schema they would be read by the model at length, before each of its turns. */
export const formExamples = [
  '{"type":"yes-no"}',
  '{"type":"one-of","values":["red","green"]}',
  '{"type":"number","least":0,"most":100}',
  '{"type":"date"}',
  '{"type":"id","of":["A-17","A-18"]}',
  '{"type":"text","length":20,"of":"letters"}',
  '{"type":"list","most":5,"of":{"type":"date"}}',
  '{"type":"fields","fields":{"free":{"type":"yes-no"},"on":{"type":"date"}}}',
] as const;
const answer = z
  .looseObject({ type: z.string().max(20) })
  .nullish()
  .describe(
    `The form of the answer. Only an answer of that form comes back to you; without one, or when the answer is something else, the person gets it and you get a handle. The forms: ${formExamples.join(', ')}. “text” is of "digits", "letters" or "identifier".`,
  );

/** Makes the server; connect it to a transport. */
export function createAgentTools({ to, version, ask }: AgentToolsOptions): McpServer {
  const server = new McpServer({ name: 'switchyard', version });
  const result = async (request: DoorRequest): Promise<CallToolResult> => {
    const given = parseAnswer(await ask(request));
    // Written as OpenClaw writes it for its models, so that it can see that both say the same and shows it once.
    return {
      content: [{ type: 'text', text: JSON.stringify(given, null, 2) }],
      structuredContent: given,
    };
  };
  for (const domain of to) {
    server.registerTool(
      `ask_${domain}`,
      {
        description: `Asks the gateway of “${domain}” a question. A person may have to allow it first, and sees the whole question. Write nothing that “${domain}” must not know. If the status is "waiting", call ${domain}_result later with the ticket.`,
        inputSchema: { question: words, answer, purpose },
        annotations: { readOnlyHint: false, openWorldHint: true },
      },
      (given) =>
        result({
          call: {
            action: 'ask_work',
            to: domain,
            text: given.question,
            purpose: given.purpose,
            answer: given.answer ?? null,
          },
        }),
    );
    server.registerTool(
      `tell_${domain}`,
      {
        description: `Tells the gateway of “${domain}” something, without an answer. A person may have to allow it first, and sees all of it.`,
        inputSchema: { information: words, purpose },
        annotations: { readOnlyHint: false, openWorldHint: true },
      },
      (given) =>
        result({
          call: {
            action: 'tell_work',
            to: domain,
            text: given.information,
            purpose: given.purpose,
            answer: null,
          },
        }),
    );
    server.registerTool(
      `${domain}_result`,
      {
        description: `What became of an earlier ask_${domain} or tell_${domain} that gave you a ticket. Waits up to 45 s.`,
        inputSchema: { ticket: z.string().min(1).max(100) },
        annotations: { readOnlyHint: true, openWorldHint: false },
      },
      ({ ticket }) => result({ ticket }),
    );
  }
  return server;
}
