import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const paperChannel = 'papertrail';

/** Writes the smallest channel plugin into `folder`: what it is told to deliver becomes a line of `outFile`. */
export function writePaperChannel(folder: string, outFile: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);
  const words = { id: paperChannel, label: 'Papertrail', blurb: 'For tests.' };
  const open = { type: 'object', additionalProperties: true };
  write(
    'package.json',
    JSON.stringify({
      name: paperChannel,
      version: '0.0.1',
      type: 'module',
      openclaw: { extensions: ['./index.js'], channel: words },
    }),
  );
  write(
    'openclaw.plugin.json',
    JSON.stringify({
      id: paperChannel,
      name: words.label,
      channels: [paperChannel],
      activation: { onStartup: true },
      configSchema: open,
      channelConfigs: { [paperChannel]: { schema: open } },
    }),
  );
  write(
    'index.js',
    `import { appendFileSync } from 'node:fs';
import {
  createChannelPluginBase, createChatChannelPlugin, defineChannelPluginEntry,
} from 'openclaw/plugin-sdk/channel-core';
const plugin = createChatChannelPlugin({
  base: createChannelPluginBase({
    id: '${paperChannel}',
    config: {
      listAccountIds: () => ['default'],
      resolveAccount: () => ({ accountId: 'default' }),
      inspectAccount: () => ({ enabled: true, configured: true }),
    },
    setup: { applyAccountConfig: ({ cfg }) => cfg },
  }),
  outbound: {
    base: { deliveryMode: 'direct' },
    attachedResults: {
      channel: '${paperChannel}',
      sendText: async ({ text }) => {
        appendFileSync(${JSON.stringify(outFile)}, text + '\\n');
        return { messageId: String(Date.now()) };
      },
    },
  },
});
export default defineChannelPluginEntry({ id: '${paperChannel}', name: 'Papertrail', description: 'For tests.', plugin });
`,
  );
}
