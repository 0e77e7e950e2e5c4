import { join } from 'node:path';

import { build, loadConfigFromFile } from 'vite';

const root = join(import.meta.dirname, '..', '..', '..', '..');

/** Builds the agents' tools from the sources into `folder`, as `npm run build` does; gives the path of the program. */
export async function buildAgentTools(folder: string): Promise<string> {
  const environment = { command: 'build', mode: 'production' } as const;
  const path = join(root, 'build', 'node-entries.config.ts');
  const loaded = await loadConfigFromFile(environment, path);
  if (loaded === null) throw new Error(`${path} cannot be read`);
  const { config } = loaded;
  const entry = join(root, 'src', 'trust', 'door', 'agent-tools-main.node.ts');
  await build({
    ...config,
    configFile: false,
    build: {
      ...config.build,
      outDir: folder,
      rolldownOptions: { ...config.build?.rolldownOptions, input: { 'agent-tools': entry } },
    },
  });
  return join(folder, 'agent-tools.js');
}
