/**
 * The program that a gateway starts for its agents: an MCP server on its standard input and output, which asks the app
 * that runs. It reads where the app is before each call, so it goes on when the app does.
 */
import { parseArgs } from 'node:util';

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

import { errorText } from '../../base/index.ts';
import { readAddress } from './address.node.ts';
import { createAgentTools } from './agent-tools.ts';
import { askApp } from './ask-app.node.ts';

const usage = 'usage: agent-tools --folder DIR --client ID --to DOMAIN [--to DOMAIN ...]';
/** The longest message of a client, in bytes. */
const longestMessage = 1024 * 1024;
const wrongUsage = 64;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string' },
      client: { type: 'string' },
      to: { type: 'string', multiple: true },
    },
  });
  const { folder, client, to } = values;
  if (folder === undefined || client === undefined || to === undefined) throw new Error(usage);
  const server = createAgentTools({
    to,
    version: '1',
    ask: async (request) => {
      const address = readAddress(folder, client);
      return address === null ? null : askApp(client, address, JSON.stringify(request));
    },
  });
  // The gateway lets go of its end when it needs the tools no more; a message that is too long closes the transport.
  process.stdin.once('end', () => process.exit(0));
  server.server.onclose = () => process.exit(0);
  const options = { maxBufferSize: longestMessage };
  await server.connect(new StdioServerTransport(process.stdin, process.stdout, options));
}

main().catch((error: unknown) => {
  process.stderr.write(`${errorText(error)}\n`);
  process.exit(wrongUsage);
});
