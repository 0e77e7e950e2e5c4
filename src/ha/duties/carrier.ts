/**
 * Carries the jobs of the active gateway to the standby, for as long as the first is active.
 *
 * Invariants
 * 1. The standby is told at once that a job began: it must not repeat it if the active gateway dies in it.
 * 2. It is told at least every `beatMs` that the active gateway was heard: what comes due later, nobody else has run.
 * 3. A job that only the standby has is deleted only if the active gateway deleted it; otherwise it is kept and named.
 * 4. After `stop` nothing is asked of either side any more.
 */
import { delay } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { canonical } from '../mirror/digest.ts';
import { beatMs } from './model.ts';
import type { DutiesLook, JobCopy } from './model.ts';
import type { Duties } from './ports.ts';

export interface CarrierState {
  /** `away`: one of the two does not answer; `refused`: another guardian speaks for the pair by now. */
  readonly kind: 'comparing' | 'in-step' | 'away' | 'refused';
  readonly active: DutiesLook | null;
  readonly standby: DutiesLook | null;
  /** Jobs that only the standby has, by name. */
  readonly onlyThere: readonly string[];
  /** Jobs that the standby did not take, by name. */
  readonly failed: readonly string[];
  readonly detail: string;
  /** The active gateway starts nothing any more, and the standby knows how far each job is. */
  readonly quiet: boolean;
}

export interface Carrier {
  state(): CarrierState;
  stop(): void;
}

export interface CarrierOptions {
  readonly active: Duties;
  readonly standby: Duties;
  readonly epoch: number;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** The standby is looked at that often: its channels, and jobs that only it has. */
const standbyEvery = 5;
/** A gateway notes in its log what takes long: one question for a while, not one for each beat. */
const longPollMs = 25_000;

/** Starts carrying. */
export function startCarrier(options: CarrierOptions): Carrier {
  const { active, standby, epoch, clock } = options;
  const stopping = new AbortController();
  let state: CarrierState = {
    kind: 'comparing',
    active: null,
    standby: null,
    onlyThere: [],
    failed: [],
    detail: '',
    quiet: false,
  };
  /** What the standby has, as the active gateway said it; null: not known, everything is sent. */
  let held: ReadonlyMap<string, string> | null = null;
  let turns = 0;

  const become = (change: Partial<CarrierState>): void => {
    if (stopping.signal.aborted) return;
    const before = told(state);
    state = { ...state, ...change };
    if (told(state) !== before) options.onChange();
  };
  const away = (side: string, words: string): null => {
    held = null;
    become({ kind: 'away', detail: `${side}: ${words}`, quiet: false });
    return null;
  };

  /** One turn; the number of changes of the active gateway that it knows of, or null if it failed. */
  const turn = async (): Promise<number | null> => {
    const here = await active.look();
    if (!here.ok) return away('the active gateway', here.error);
    const { at, jobs, gone, schedule, channels } = here.value;
    const isWhole = held === null || turns % standbyEvery === 0;
    turns += 1;
    let there = state.standby;
    if (isWhole || there === null) {
      const answer = await standby.look();
      if (!answer.ok) return away('the standby', answer.error);
      there = answer.value;
    }
    const texts = new Map(jobs.map((job) => [job.id, canonical(job)]));
    const known = held ?? new Map<string, string>();
    const surplus = isWhole ? there.jobs.filter(({ id }) => !texts.has(id)) : [];
    const deleted = [...known.keys(), ...surplus.map(({ id }) => id)].filter(
      (id) => !texts.has(id) && gone.includes(id),
    );
    const changed = jobs.filter(({ id }) => known.get(id) !== texts.get(id));
    const isQuiet = schedule === 'paused' && !channels.some(({ running }) => running);
    if (stopping.signal.aborted) return null;
    const put = await standby.put({
      epoch,
      quiet: isQuiet,
      jobs: changed,
      gone: [...new Set(deleted)],
    });
    if (!put.ok) return away('the standby', put.error);
    if (put.value.kind === 'refused') {
      held = null;
      become({ kind: 'refused', detail: refusals[put.value.reason], quiet: false });
      return null;
    }
    const { failed } = put.value;
    held = new Map([...texts].filter(([id]) => !failed.includes(id)));
    become({
      kind: 'in-step',
      active: here.value,
      standby: there,
      onlyThere: isWhole
        ? namesOf(surplus.filter(({ id }) => !deleted.includes(id)))
        : state.onlyThere,
      failed: namesOf(jobs.filter(({ id }) => failed.includes(id))),
      detail: '',
      quiet: isQuiet,
    });
    return at;
  };

  let isAsking = false;
  let wake = new AbortController();
  const ask = async (at: number): Promise<void> => {
    isAsking = true;
    const changes = await active.changes(at, longPollMs);
    isAsking = false;
    if (!changes.ok) away('the active gateway', changes.error);
    wake.abort();
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      const at = await turn();
      if (at !== null && !isAsking) void ask(at);
      await delay(clock, beatMs, wake.signal);
    }
  };
  void run();

  return {
    state: () => state,
    stop: () => {
      stopping.abort();
      wake.abort();
    },
  };
}

const refusals = {
  'old-epoch': 'the other gateway knows a newer change of roles',
  acting: 'the other gateway is active as well, or still',
} as const;

function namesOf(jobs: readonly JobCopy[]): readonly string[] {
  return jobs.map(({ name, id }) => (name === '' ? id : name));
}

/** All of a state that anybody sees. */
function told({ active, standby, ...rest }: CarrierState): string {
  const seen = (look: DutiesLook | null): unknown =>
    look === null ? null : { ...look, at: 0, gone: [] };
  return JSON.stringify([rest, seen(active), seen(standby)]);
}
