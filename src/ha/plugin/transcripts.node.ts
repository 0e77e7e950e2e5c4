/**
 * OpenClaw's transcripts as a store of rows.
 *
 * Invariants
 * 1. A row is what OpenClaw keeps under an id; the header of a transcript is none. It is written exactly as it came, with its
 *    id, parent and time. Only the methods that OpenClaw marks private can do that for rows that are no messages: another
 *    version than the tested one is refused by `pluginProblem` before anything is written.
 * 2. Sessions that a person wanted to leave no trace (`incognito`) are not listed, and none of ours.
 * 3. Of a session's entry only what a person chose is read or written (`chosen`), and since when it runs and was last talked
 *    in, which decide when OpenClaw begins it anew: no tokens, run states, measurements.
 * 4. Where rows are written, no run of this gateway's is the last one any more (`forgetEnd`).
 */
import type { SessionEntry } from 'openclaw/plugin-sdk/session-store-runtime';

import { isWarmUpSession } from '../fence/warm-up-session.ts';
import type { SessionSettings } from '../mirror/model.ts';
import { isRow } from '../mirror/protocol.ts';
import type { RowPage, RowStore, StoredSession } from '../mirror/row-store.ts';

export interface TranscriptPorts {
  readonly agentIds: () => readonly string[];
  /** Hears of each committed append that OpenClaw tells of. */
  readonly onUpdate: (listener: (key: string) => void) => () => void;
  /** Something else as soon as the gateway wrote by itself since it was asked last; null: it may be writing now. */
  readonly tenure: () => number | null;
}

const chosen = [
  'label',
  'autoLabel',
  'displayName',
  'subject',
  'icon',
  'color',
  'category',
  'pinnedAt',
  'archivedAt',
  'chatType',
  'thinkingLevel',
  'verboseLevel',
  'reasoningLevel',
  'elevatedLevel',
  'responseUsage',
  'providerOverride',
  'modelOverride',
  'modelOverrideSource',
  'groupActivation',
  'sendPolicy',
  'queueMode',
  'queueDebounceMs',
  'queueCap',
  'queueDrop',
  'parentSessionKey',
  'previousSessionId',
  'sessionStartedAt',
  'lastInteractionAt',
] as const satisfies readonly (keyof SessionEntry)[];

/** Few, because reading a page and hashing its rows is one turn of the gateway's event loop. */
const pageEvents = 100;
/** The largest page that OpenClaw gives; a single row above it cannot be read this way. */
const mostBytes = 64 * 1024 * 1024;

/** The store of the gateway in whose process this runs. */
export async function openTranscripts(ports: TranscriptPorts): Promise<RowStore> {
  const [sessions, transcripts, { SessionManager }] = await Promise.all([
    import('openclaw/plugin-sdk/session-store-runtime'),
    import('openclaw/plugin-sdk/session-transcript-runtime'),
    import('openclaw/plugin-sdk/agent-sessions'),
  ]);

  const identityOf = ({ key, sessionId }: Pick<StoredSession, 'key' | 'sessionId'>) => {
    const agentId = agentOf(key);
    const storePath = sessions.resolveStorePath(undefined, { agentId });
    return { agentId, sessionKey: key, sessionId, storePath };
  };

  /** The session that was written last: rows of one conversation come one by one while it is talked in. */
  let opened: {
    readonly of: string | null;
    readonly manager: InstanceType<typeof SessionManager>;
  } | null = null;
  const managerOf = async (
    identity: ReturnType<typeof identityOf>,
  ): Promise<InstanceType<typeof SessionManager>> => {
    const tenure = ports.tenure();
    // What it knows of the transcript is outdated once the gateway wrote itself.
    const of = tenure === null ? null : `${identity.sessionKey} ${identity.sessionId} ${tenure}`;
    if (opened !== null && of !== null && opened.of === of) return opened.manager;
    // The little that is loaded is not looked at: parents are in the rows.
    const manager = await SessionManager.openBoundedAsync(identity, {
      maxEvents: 1,
      maxBytes: 65_536,
    });
    opened = { of, manager };
    return manager;
  };

  /**
   * OpenClaw begins a conversation anew, and keeps six messages of it, when the last run in it was stopped and rows came after
   * that: how the last run here ended says nothing once the conversation went on elsewhere.
   */
  const forgetEnd = async ({
    agentId,
    sessionKey,
    sessionId,
  }: ReturnType<typeof identityOf>): Promise<void> => {
    const entry = sessions.getSessionEntry({ agentId, sessionKey });
    const isOver = entry?.status !== 'running' && (entry?.status ?? entry?.endedAt) !== undefined;
    if (entry?.sessionId !== sessionId || !isOver) return;
    await sessions.patchSessionEntry({
      agentId,
      sessionKey,
      preserveActivity: true,
      update: () => ({ status: undefined, endedAt: undefined, abortedLastRun: undefined }),
    });
  };

  return {
    list: () =>
      ports.agentIds().flatMap((agentId) =>
        sessions.listSessionEntries({ agentId }).flatMap(({ sessionKey, entry }) => {
          const isOthers = agentOf(sessionKey) !== agentId;
          return isOthers || isHidden(sessionKey, entry) ? [] : [storedOf(sessionKey, entry)];
        }),
      ),
    find: (key) => {
      const entry = sessions.getSessionEntry({ agentId: agentOf(key), sessionKey: key });
      return entry === undefined || isHidden(key, entry) ? null : storedOf(key, entry);
    },
    size: ({ key, sessionId }) =>
      JSON.stringify(
        sessions.readTranscriptStatsSync({ agentId: agentOf(key), sessionKey: key, sessionId }),
      ),
    read: async (session, at) => {
      const identity = identityOf(session);
      const ask = { ...identity, ...(at === null ? {} : { cursor: at }), maxEvents: pageEvents };
      let page = await transcripts.readSessionTranscriptRawDelta(ask);
      if (page.kind === 'page' && page.requiredBytes !== undefined)
        page = await transcripts.readSessionTranscriptRawDelta({
          ...ask,
          maxBytes: Math.min(page.requiredBytes, mostBytes),
        });
      return pageOf(page);
    },
    write: async (session, rows, may, shown) => {
      const identity = identityOf(session);
      const manager = await managerOf(identity);
      await forgetEnd(identity);
      if (!may()) return false;
      try {
        for (const row of rows)
          // Whether it is there already was asked by id; a message of the same key may be there under another one.
          manager.persistRecord({ ...row }, { idempotencyLookup: 'caller-checked' });
      } catch (error) {
        opened = null; // somebody else wrote; whoever asked compares anew
        throw error;
      }
      for (const { id, type, message } of shown ? rows : []) {
        if (type === 'message' && typeof message === 'object' && message !== null)
          await transcripts.publishSessionTranscriptUpdateByIdentity({
            ...identity,
            update: { messageId: id, message },
          });
      }
      return true;
    },
    put: async ({ key, sessionId, settings }) => {
      const agentId = agentOf(key);
      const present = sessions.getSessionEntry({ agentId, sessionKey: key });
      const fields = Object.fromEntries(
        chosen.map((name) => [name, settings[name] ?? undefined]),
      ) as Partial<SessionEntry>;
      if (present?.sessionId === sessionId)
        await sessions.patchSessionEntry({
          agentId,
          sessionKey: key,
          preserveActivity: true,
          update: () => fields,
        });
      else
        await sessions.upsertSessionEntry({
          agentId,
          sessionKey: key,
          entry: { ...fields, sessionId, updatedAt: fields.lastInteractionAt ?? Date.now() },
        });
    },
    remove: async (key) => {
      opened = null;
      await sessions.deleteSessionEntry({
        agentId: agentOf(key),
        sessionKey: key,
        archiveTranscript: true,
      });
    },
    onChange: ports.onUpdate,
  };
}

/** `agent:main:main` → `main`. */
function agentOf(key: string): string {
  return key.split(':')[1] ?? 'main';
}

function storedOf(key: string, entry: SessionEntry): StoredSession {
  const settings: Record<string, SessionSettings[string]> = {};
  for (const name of chosen) {
    const value = entry[name];
    if (value !== undefined) settings[name] = value;
  }
  return { key, sessionId: entry.sessionId, settings };
}

function isHidden(key: string, entry: SessionEntry): boolean {
  return entry.incognito === true || isWarmUpSession(key);
}

function pageOf(
  page: Awaited<
    ReturnType<
      typeof import('openclaw/plugin-sdk/session-transcript-runtime').readSessionTranscriptRawDelta
    >
  >,
): RowPage {
  switch (page.kind) {
    case 'page': {
      const rows = page.events.flatMap(({ event }) => (isRow(event) ? [event] : []));
      return { kind: 'page', at: page.cursor, rows, more: page.hasMore };
    }
    case 'reset':
      return { kind: 'rewritten' };
    case 'missing':
      return { kind: 'missing' };
  }
}
