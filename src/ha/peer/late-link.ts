import { createEmitter } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { PeerMessage } from '../election/model.ts';
import { peerDrops } from './model.ts';
import type { PeerDrop, PeerLink } from './model.ts';

export interface LateLinkOptions {
  /** The shared secret; null while it is not there. */
  readonly secret: () => Promise<string | null>;
  readonly open: (secret: string) => PeerLink;
  /** What to say while the secret is not there. */
  readonly missing: string;
  readonly clock: Clock;
}

const retryMs = 500;
const noDrops = Object.fromEntries(peerDrops.map((why) => [why, 0])) as Record<PeerDrop, number>;

/** A link that opens as soon as its secret is there: the app, or a file, may come later than the guardian. */
export function openLateLink(options: LateLinkOptions): PeerLink {
  const emitter = createEmitter<PeerMessage>();
  let link: PeerLink | null = null;
  let closed = false;
  let cancelRetry = (): void => undefined;

  const tryToOpen = async (): Promise<void> => {
    const secret = await options.secret();
    if (closed) return;
    if (secret === null) {
      cancelRetry = options.clock.after(retryMs, () => void tryToOpen());
      return;
    }
    link = options.open(secret);
    link.onMessage((message) => emitter.emit(message));
  };
  void tryToOpen();

  return {
    send: (message) => link?.send(message),
    onMessage: (listener) => emitter.on(listener),
    detail: () => link?.detail() ?? options.missing,
    state: () => link?.state() ?? { kind: 'down', lastHeardMs: null, dropped: noDrops },
    close: () => {
      closed = true;
      cancelRetry();
      link?.close();
    },
  };
}
