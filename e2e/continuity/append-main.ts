// append-main.ts SESSION COUNT TEXT: appends messages to a conversation of the gateway whose OPENCLAW_STATE_DIR this process has, by OpenClaw's
// own functions and without its model, in the way in which a second process of OpenClaw writes beside the gateway.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

interface Sdk {
  resolveStorePath(store: undefined, options: { readonly agentId: string }): string;
  getSessionEntry(place: object): { readonly sessionId: string } | undefined;
  appendSessionTranscriptMessagesByIdentity(append: object): Promise<unknown>;
}

const batch = 200;
const agentId = 'main';

const [sessionKey = '', count = '0', text = ''] = process.argv.slice(2);
const { resolve } = createRequire(process.env['SWITCHYARD_OPENCLAW'] ?? import.meta.url);
const load = async (name: string): Promise<object> =>
  (await import(pathToFileURL(resolve(`openclaw/plugin-sdk/${name}`)).href)) as object;
const sdk = {
  ...(await load('session-store-runtime')),
  ...(await load('session-transcript-runtime')),
} as Sdk;
const storePath = sdk.resolveStorePath(undefined, { agentId });
const place = { agentId, sessionKey, storePath };
const sessionId = sdk.getSessionEntry(place)?.sessionId;
if (sessionId === undefined) throw new Error(`there is no conversation ${sessionKey}`);
for (let next = 1; next <= Number(count); next += batch) {
  const messages = Array.from(
    { length: Math.min(batch, Number(count) - next + 1) },
    (_, index) => ({
      message: { role: 'user', content: `Note ${next + index}: ${text}`, timestamp: Date.now() },
    }),
  );
  await sdk.appendSessionTranscriptMessagesByIdentity({ ...place, sessionId, messages });
}
process.exit(0); // OpenClaw keeps its database open
