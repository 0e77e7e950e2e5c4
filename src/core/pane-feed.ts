/**
 * Tells views what changed in their pane.
 *
 * Invariants
 * 1. A view hears of its own pane only; what it hears is a head and messages, never another pane's.
 * 2. Changes are gathered for a moment, so that a fast answer costs a message per frame and not per token.
 */
import { createEmitter } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { PaneChatChange, PaneChatState } from '../chat/index.ts';
import type { AppState, Continuation, PaneChange, TranscriptMessage } from '../shared/index.ts';

export interface PaneFeed {
  announce(paneId: string, change: PaneChatChange): void;
  onChange(listener: (paneId: string, change: PaneChange) => void): () => void;
  /** Everything a view needs to draw its pane; null when there is no such pane. */
  whole(paneId: string): PaneChange | null;
}

const gatherMs = 30;

/** Makes a feed over the state and the conversations as they are when a change goes out. */
export function createPaneFeed(options: {
  readonly clock: Clock;
  readonly state: () => AppState;
  readonly chat: (paneId: string) => PaneChatState | null;
  /** Where the conversations of a pair went on since a wall time. */
  readonly continued: (pairId: string | null, fromMs: number) => readonly Continuation[];
}): PaneFeed {
  const changes = createEmitter<{ readonly paneId: string; readonly change: PaneChange }>();
  const gathered = new Map<
    string,
    { reset: boolean; readonly upsert: Map<string, TranscriptMessage> }
  >();
  let revision = 0;

  const build = (paneId: string, { reset, upsert }: PaneChatChange): PaneChange | null => {
    const { panes, domains, gateways } = options.state();
    const pane = panes.find((candidate) => candidate.id === paneId);
    const domain = domains.find((candidate) => candidate.id === pane?.domain);
    const gateway = gateways.find((candidate) => candidate.id === pane?.activeGatewayId);
    const chat = options.chat(paneId);
    if (pane === undefined || domain === undefined || gateway === undefined || chat === null)
      return null;
    const { messages, told, ...conversation } = chat;
    const [first] = messages;
    const lines = first === undefined ? [] : options.continued(pane.pairId, first.atMs);
    // What the active gateway was told belongs to the last of them.
    const continued = lines.map((line, index) =>
      told > 0 && index === lines.length - 1 ? { ...line, complete: false, told } : line,
    );
    revision += 1;
    return {
      revision,
      head: { paneId, name: pane.name, domain, state: gateway.state, continued, ...conversation },
      ...(reset ? { reset: messages } : upsert.length > 0 ? { upsert } : {}),
    };
  };
  const flush = (paneId: string): void => {
    const waiting = gathered.get(paneId);
    gathered.delete(paneId);
    const change =
      waiting === undefined
        ? null
        : build(paneId, { reset: waiting.reset, upsert: [...waiting.upsert.values()] });
    if (change !== null) changes.emit({ paneId, change });
  };

  return {
    announce: (paneId, change) => {
      let waiting = gathered.get(paneId);
      if (waiting === undefined) {
        waiting = { reset: false, upsert: new Map() };
        gathered.set(paneId, waiting);
        options.clock.after(gatherMs, () => {
          flush(paneId);
        });
      }
      waiting.reset ||= change.reset;
      for (const message of change.upsert) waiting.upsert.set(message.id, message);
    },
    onChange: (listener) =>
      changes.on(({ paneId, change }) => {
        listener(paneId, change);
      }),
    whole: (paneId) => build(paneId, { reset: true, upsert: [] }),
  };
}
