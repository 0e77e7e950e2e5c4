/**
 * The fast check from inside: one turn of the event loop, one write into a transcript and its read-back, through
 * OpenClaw's own transcript store.
 *
 * Invariants
 * 1. The transcripts lie in stores of the plugin's own, below the gateway's state folder: no session of the person's, no
 *    list and no search index of an agent ever holds them.
 * 2. Two stores take turns; the one that rests is emptied, so neither grows beyond `turnAfter` rows and what one turn adds.
 * 3. Echoes run one after the other; one that hangs makes the later ones hang too, as it should.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { pluginId } from '../fence/protocol.ts';
import type { EchoAnswer } from '../fence/protocol.ts';

type EchoTimes = Pick<EchoAnswer, 'loopMs' | 'writeMs' | 'readMs'>;

const turnAfter = 512;
const marker = 'switchyard-echo';
const identity = { agentId: 'main', sessionKey: `agent:main:${marker}`, sessionId: marker };

/** Makes the echo of a gateway whose state lies in `stateDir`. `warn` hears of a store that cannot be emptied. */
export function createEcho(
  stateDir: string,
  warn: (message: string) => void,
): (nonce: string) => Promise<EchoTimes> {
  const storePaths = ['echo-a', 'echo-b'].map((name) =>
    join(stateDir, pluginId, name, 'sessions.json'),
  );
  let turn = 0;
  let rows = 0;
  let opened = false;
  let cursor: string | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const storePath = (): string => storePaths[turn % storePaths.length] ?? '';

  const open = async (): Promise<void> => {
    const { upsertSessionEntry } = await import('openclaw/plugin-sdk/session-store-runtime');
    // A transcript without its entry counts as damage to OpenClaw's doctor.
    await upsertSessionEntry({
      agentId: identity.agentId,
      sessionKey: identity.sessionKey,
      storePath: storePath(),
      entry: { sessionId: identity.sessionId, updatedAt: Date.now() },
    });
    cursor = undefined;
    rows = 0;
    opened = true;
  };

  const empty = async (path: string): Promise<void> => {
    const { cleanupSessionLifecycleArtifacts } =
      await import('openclaw/plugin-sdk/session-store-runtime');
    await cleanupSessionLifecycleArtifacts({
      agentId: identity.agentId,
      storePath: path,
      sessionKeySegmentPrefix: marker,
      transcriptContentMarker: marker,
      orphanTranscriptMinAgeMs: 0,
      archiveRemovedEntryTranscripts: false,
    });
  };

  const once = async (nonce: string): Promise<EchoTimes> => {
    const { appendSessionTranscriptMessageByIdentity, readSessionTranscriptRawDelta } =
      await import('openclaw/plugin-sdk/session-transcript-runtime');
    if (!opened) await open();
    const startedMs = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    const turnedMs = performance.now();
    const target = { ...identity, storePath: storePath() };
    await appendSessionTranscriptMessageByIdentity({
      ...target,
      message: { role: 'user', content: `${marker} ${nonce}`, timestamp: Date.now() },
      updateMode: 'none',
    });
    const writtenMs = performance.now();
    const page = await readSessionTranscriptRawDelta({
      ...target,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const readMs = performance.now();
    if (page.kind !== 'page' || !JSON.stringify(page.events.at(-1)).includes(nonce)) {
      opened = false;
      throw new Error('what was written into the transcript did not come back');
    }
    cursor = page.cursor;
    rows += 1;
    if (rows >= turnAfter) {
      const resting = storePath();
      turn += 1;
      opened = false;
      empty(resting).catch((error: unknown) =>
        warn(`the echo store could not be emptied: ${String(error)}`),
      );
    }
    return {
      loopMs: rounded(turnedMs - startedMs),
      writeMs: rounded(writtenMs - turnedMs),
      readMs: rounded(readMs - writtenMs),
    };
  };

  return (nonce) => {
    const mine = last.then(
      () => once(nonce),
      () => once(nonce),
    );
    last = mine;
    return mine;
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
