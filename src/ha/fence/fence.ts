/**
 * The fence of one gateway: what may happen in it now. Lives in the gateway's process (the plugin) and in the gateway double.
 *
 * Invariants
 * 1. Every answer of `acting` is computed from the lease cell and the boot clock at the moment of asking; nothing is
 *    remembered from an earlier answer. A clock that throws means no.
 * 2. A run that began is in `runs` until it ended, and is asked to stop when the lease is gone. Stopping is a courtesy:
 *    what it still tries is refused by the same question.
 * 3. A check of our own passes only by a run id that was announced beforehand by whoever may administer the gateway, and
 *    only to the model: it writes nothing, calls no tool and delivers nothing.
 * 4. What passed may still be on its way out: a fence is confirmed (`landed`) only `landingMs` after the last thing passed.
 * 5. While draining, what was admitted before may end and nothing new begins. Draining ends by itself.
 */
import { emptyCell, fenceCell, grantCell, mayAct } from './lease-cell.ts';
import type { LeaseCell } from './lease-cell.ts';

export interface RunIdentity {
  readonly runId: string;
  readonly sessionId: string;
  readonly sessionKey: string;
}

/** A run that began. `promptWritten`: the message that began it is in the transcript; the gateway writes it once the run began. */
interface FencedRun extends RunIdentity {
  readonly promptWritten: boolean;
}

/** What a fence remembers, as plain data: it outlives a reload of the plugin's code. */
export interface FenceMemory {
  cell: LeaseCell;
  readonly runs: Map<string, FencedRun>;
  /** User messages that were let in and whose run has not begun, by session: boot time of admission. */
  readonly admitted: Map<string, number>;
  /** Run ids of our own checks, and until when they count. */
  readonly marks: Map<string, number>;
  drainingUntilMs: number;
  /** When something last passed; boot milliseconds. */
  passedAtMs: number;
  cancelExpiry: () => void;
}

export interface FencePorts {
  readonly bootMs: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Asks a run to stop. */
  readonly stopRun: (run: RunIdentity) => void;
  /** Whether it may act may have changed: a lease came, was taken away or ran out; or it began to drain. */
  readonly changed: () => void;
}

export interface Fence {
  cell(): LeaseCell;
  /** It may act now; asking changes nothing. */
  acting(): boolean;
  /** Something is about to happen: may it? */
  passes(): boolean;
  /** Waits until what passed has happened. */
  landed(): Promise<void>;
  draining(): boolean;
  grant(grant: { readonly epoch: number; readonly seq: number; readonly untilMs: number }): boolean;
  /** True if nothing granted so far counts any more. */
  fence(seq: number): boolean;
  /** A message of a user is about to be written: the beginning of a turn. */
  mayAdmit(sessionKey: string): boolean;
  /** A run is about to ask its model. */
  mayRun(run: RunIdentity): boolean;
  /** Whether a run that was let in, and has waited since, may go on. */
  mayGoOn(run: RunIdentity): boolean;
  ended(run: Pick<RunIdentity, 'runId' | 'sessionKey'>): void;
  /** Asks everything that runs to stop. */
  stopRuns(): void;
  mark(runId: string): void;
  running(): number;
  /** A run id that was announced as a check of ours. */
  isCheck(runId: string): boolean;
  /** A turn goes on in this session, or one was let in. */
  isRunning(sessionKey: string): boolean;
  drain(timeoutMs: number): Promise<boolean>;
}

const markMs = 120_000;
const mostMarks = 16;
/** Far above what a gateway runs at once: a run whose end was never told must not stay for ever. */
const mostRuns = 512;
/** Between the admission of a message and its run lie the queue and the preparation of the agent. */
const admittedMs = 30_000;
const drainPollMs = 25;
/** Between a gate's answer and its effect lies the gateway's own code; the margin of the shortest lease. */
const landingMs = 60;
/** Draining outlives its time-out for so long, for the fence that follows; a guardian that died ends it so. */
const drainTailMs = 5_000;

/** A gateway that was told nothing yet. */
export function newFenceMemory(): FenceMemory {
  return {
    cell: emptyCell(),
    runs: new Map(),
    admitted: new Map(),
    marks: new Map(),
    drainingUntilMs: 0,
    passedAtMs: Number.NEGATIVE_INFINITY,
    cancelExpiry: () => undefined,
  };
}

/** Puts the rules on top of a memory. */
export function createFence(memory: FenceMemory, ports: FencePorts): Fence {
  const acting = (): boolean => {
    try {
      return mayAct(memory.cell, ports.bootMs());
    } catch {
      return false; // invariant 1
    }
  };
  const passes = (): boolean => {
    const may = acting();
    if (may) memory.passedAtMs = ports.bootMs();
    return may;
  };
  const draining = (): boolean => ports.bootMs() < memory.drainingUntilMs;

  const stopRuns = (): void => {
    for (const run of memory.runs.values()) ports.stopRun(run);
  };

  const watchExpiry = (): void => {
    memory.cancelExpiry();
    const { untilMs } = memory.cell;
    if (untilMs === null || untilMs === Infinity) return;
    memory.cancelExpiry = ports.after(Math.max(1, untilMs - ports.bootMs()), () => {
      if (acting())
        watchExpiry(); // the boot clock ticks coarsely
      else {
        stopRuns();
        ports.changed();
      }
    });
  };

  const fresh = (times: Map<string, number>): Map<string, number> => {
    const nowMs = ports.bootMs();
    for (const [key, untilMs] of times) if (untilMs <= nowMs) times.delete(key);
    return times;
  };

  const running = (): number => memory.runs.size + fresh(memory.admitted).size;

  return {
    cell: () => memory.cell,
    acting,
    passes,
    landed: () =>
      new Promise((resolve) => {
        const leftMs = memory.passedAtMs + landingMs - ports.bootMs();
        if (leftMs <= 0) resolve();
        else ports.after(leftMs, resolve);
      }),
    draining,
    grant: (grant) => {
      memory.cell = grantCell(memory.cell, grant);
      watchExpiry();
      ports.changed();
      return acting();
    },
    fence: (seq) => {
      memory.cell = fenceCell(memory.cell, { seq });
      if (memory.cell.untilMs !== null) return false;
      memory.cancelExpiry();
      memory.drainingUntilMs = 0;
      memory.admitted.clear();
      stopRuns();
      ports.changed();
      return true;
    },
    mayAdmit: (sessionKey) => {
      if (!passes()) return false;
      const owed = owesPrompt(memory, sessionKey);
      if (owed !== undefined) {
        memory.runs.set(owed.runId, { ...owed, promptWritten: true });
        return true;
      }
      if (draining()) return fresh(memory.admitted).has(sessionKey);
      memory.admitted.set(sessionKey, ports.bootMs() + admittedMs);
      return true;
    },
    mayRun: (run) => {
      if (fresh(memory.marks).has(run.runId)) return true; // invariant 3
      if (!passes()) return false;
      if (draining() && !fresh(memory.admitted).has(run.sessionKey) && !memory.runs.has(run.runId))
        return false;
      memory.admitted.delete(run.sessionKey);
      if (memory.runs.has(run.runId)) return true;
      dropOldest(memory.runs, mostRuns);
      memory.runs.set(run.runId, { ...run, promptWritten: false });
      return true;
    },
    mayGoOn: ({ runId }) => fresh(memory.marks).has(runId) || (passes() && memory.runs.has(runId)),
    ended: ({ runId, sessionKey }) => {
      memory.runs.delete(runId);
      // The question of a check is written like a person's, and no run of ours takes its admission up.
      if (fresh(memory.marks).has(runId)) memory.admitted.delete(sessionKey);
    },
    stopRuns,
    mark: (runId) => {
      const marks = fresh(memory.marks);
      dropOldest(marks, mostMarks);
      marks.set(runId, ports.bootMs() + markMs);
    },
    running,
    isCheck: (runId) => fresh(memory.marks).has(runId),
    isRunning: (sessionKey) =>
      fresh(memory.admitted).has(sessionKey) ||
      [...memory.runs.values()].some((run) => run.sessionKey === sessionKey),
    drain: (timeoutMs) => {
      const endMs = ports.bootMs() + timeoutMs;
      memory.drainingUntilMs = endMs + drainTailMs;
      ports.changed();
      return new Promise((resolve) => {
        const look = (): void => {
          if (running() === 0) resolve(true);
          else if (ports.bootMs() >= endMs) resolve(false);
          else ports.after(drainPollMs, look);
        };
        look();
      });
    },
  };
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const oldest = map.keys().next();
  if (map.size >= most && oldest.done !== true) map.delete(oldest.value);
}

function owesPrompt(memory: FenceMemory, sessionKey: string): FencedRun | undefined {
  return [...memory.runs.values()].find(
    (run) => run.sessionKey === sessionKey && !run.promptWritten,
  );
}
