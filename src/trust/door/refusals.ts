import type { Clock } from '../../base/index.ts';

/** Why the door turned somebody away. */
export type RefusalReason =
  /** Its token is nobody's. */
  | 'token'
  /** There were too many wrong tokens, so nobody is let in for a while. */
  | 'locked'
  /** More at once than are served. */
  | 'connections'
  /** It was not done in time. */
  | 'deadline'
  /** Too long, or not in the form that the tools use. */
  | 'request'
  /** A web page: it has an origin, or a browser sent it. */
  | 'origin'
  /** Meant for another address than ours: a name that somebody let point here. */
  | 'host';

/** The ways in: a socket that only this user can reach, or, where there can be none, loopback HTTP. */
export type DoorWay = 'socket' | 'http';

/** So many were turned away for this reason, since it was last told. */
export interface DoorRefusal {
  readonly way: DoorWay;
  readonly why: RefusalReason;
  readonly count: number;
}

const toldEveryMs = 60_000;

export interface Refusals {
  add(way: DoorWay, why: RefusalReason): void;
  /** Tells what has not been told yet. */
  flush(): void;
}

/**
 * Counts who was turned away. The first of a kind is told at once and the others once a minute with their number, so that
 * a flood does not fill the log, and none is left out.
 */
export function createRefusals(clock: Clock, tell: (refusal: DoorRefusal) => void): Refusals {
  const kinds = new Map<string, { refusal: DoorRefusal; readonly cancel: () => void }>();
  const close = (name: string): void => {
    const kind = kinds.get(name);
    if (kind === undefined) return;
    kinds.delete(name);
    kind.cancel();
    if (kind.refusal.count > 0) tell(kind.refusal);
  };
  return {
    add: (way, why) => {
      const name = `${way} ${why}`;
      const known = kinds.get(name);
      if (known !== undefined) {
        known.refusal = { ...known.refusal, count: known.refusal.count + 1 };
        return;
      }
      const cancel = clock.after(toldEveryMs, () => close(name));
      kinds.set(name, { refusal: { way, why, count: 0 }, cancel });
      tell({ way, why, count: 1 });
    },
    flush: () => {
      for (const name of [...kinds.keys()]) close(name);
    },
  };
}
