/** The mirror of a pair: copies from whichever of its gateways is active here. */
import type { Clock, Random } from '../../base/index.ts';
import type { MirrorPort } from '../ports.ts';
import { startMirror } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import type { Journal } from './ports.ts';
import { woken } from '../woken.ts';

export interface MirrorPortOptions {
  /** The journal of a gateway; null: it cannot be reached from here. */
  readonly journal: (gatewayId: string) => Journal | null;
  readonly otherOf: (gatewayId: string) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: () => void;
}

/** Makes a port that copies nothing yet. */
export function openMirrorPort(options: MirrorPortOptions): MirrorPort {
  const { clock, random } = options;
  let running: {
    readonly gatewayId: string;
    readonly epoch: number;
    readonly mirror: Mirror;
    /** It had all that the gateway before it had. */
    readonly inherited: boolean;
  } | null = null;
  /** Who was copied last. */
  let former: {
    readonly gatewayId: string;
    readonly epoch: number;
    readonly complete: boolean;
    readonly inherited: boolean;
  } | null = null;
  const waiting = new Set<() => void>();
  const onChange = (): void => {
    for (const look of [...waiting]) look();
    options.onChange();
  };
  /** In step, or it will not be by waiting. */
  const isSettled = (): boolean => {
    const kind = running?.mirror.state().kind;
    return kind !== 'comparing' && kind !== 'catching-up';
  };

  return {
    follow: (active) => {
      if (active?.gatewayId === running?.gatewayId && active?.epoch === running?.epoch) return;
      if (running !== null) {
        running.mirror.stop();
        const { gatewayId, inherited, mirror, epoch } = running;
        former = { gatewayId, epoch, inherited, complete: mirror.state().complete };
      }
      running = null;
      if (active === null) return;
      const original = options.journal(active.gatewayId);
      const copy = options.journal(options.otherOf(active.gatewayId));
      if (original === null || copy === null) return;
      const { epoch } = active;
      const mirror = startMirror({ active: original, copy, epoch, clock, random, onChange });
      // What was seen here counts only where nobody else had the role in between.
      const isNext = former !== null && epoch <= former.epoch + 1;
      const own = former?.gatewayId === active.gatewayId ? former.inherited : former?.complete;
      const inherited = (isNext ? own : undefined) ?? active.inherited;
      running = { gatewayId: active.gatewayId, epoch, mirror, inherited };
    },
    complete: () => running?.mirror.state().complete ?? former?.complete ?? false,
    view: () => {
      if (running === null) return null;
      const { mirror, inherited } = running;
      const { kind, conversations, rows, held, behindSinceMs, detail, conflicts } = mirror.state();
      const behindMs = behindSinceMs === null ? null : clock.bootMs() - behindSinceMs;
      return { state: kind, conversations, rows, held, behindMs, detail, inherited, conflicts };
    },
    caughtUp: async (waitMs) => {
      running?.mirror.lookAgain(); // it may not have heard of the last rows
      await woken(waiting, clock, waitMs, isSettled);
    },
  };
}
