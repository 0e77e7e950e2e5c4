/**
 * The duties' part of the plugin: holds jobs and channels while this gateway may not act, and copies jobs.
 *
 * Invariants
 * 1. A process begins off duty, with OpenClaw's own switches for its schedule and its channels (`OPENCLAW_SKIP_*`) set before
 *    either starts: nothing fires and nothing polls before this gateway has the role, whatever its configuration says.
 * 2. The switches are in the memory of the process alone. A gateway whose plugin is taken away does what its configuration says.
 * 3. Off duty means also: draining, about to give the role away.
 */
import type { PluginApi } from 'openclaw/plugin-sdk/plugin-entry';

import { createEmitter, delay, errorText, fail, ok } from '../../base/index.ts';
import type { Clock, Emitter } from '../../base/index.ts';
import { keepChannels } from '../duties/channel-keeper.ts';
import type { ChannelKeeper } from '../duties/channel-keeper.ts';
import { newJobBookMemory, openJobBook } from '../duties/job-book.ts';
import type { JobBookMemory } from '../duties/job-book.ts';
import { answerDutiesCall } from '../duties/methods.ts';
import type { Duties } from '../duties/ports.ts';
import { dutiesMethodNames } from '../duties/protocol.ts';
import { fieldAt } from '../fields.ts';
import type { Fence } from '../fence/fence.ts';
import { createScheduleGate, newScheduleMemory } from '../fence/schedule-gate.ts';
import type { ScheduleMemory, Scheduler } from '../fence/schedule-gate.ts';
import { memoryFile } from './memory-file.node.ts';
import { registerMethods } from './methods.ts';

/** What outlives a reload of the plugin's code. */
export interface DutiesMemory {
  readonly schedule: ScheduleMemory;
  /** OpenClaw's switches as they were when the process began. */
  readonly given: { readonly [S in Switch]: string | undefined };
  readonly changes: Emitter<undefined>;
  at: number;
  onDuty: boolean;
  keeper: ChannelKeeper | null;
  book: JobBookMemory | null;
  inner: InnerSchedule | null;
}

/** OpenClaw's schedule itself, of which its scheduler is the outside; not in its published types. */
interface InnerSchedule {
  readonly state: { readonly deps: { cronEnabled: boolean } };
  start(): Promise<void>;
}

export interface DutiesSide {
  /** Whether this gateway may act may have changed. */
  follow(): void;
}

const switches = ['OPENCLAW_SKIP_CHANNELS', 'OPENCLAW_SKIP_CRON'] as const;
type Switch = (typeof switches)[number];
const callMs = 10_000;
const drainLookMs = 1_000;

/** A process that did nothing yet. */
export function newDutiesMemory(): DutiesMemory {
  const given = Object.fromEntries(switches.map((name) => [name, process.env[name]]));
  return {
    schedule: newScheduleMemory(),
    given: given as DutiesMemory['given'],
    changes: createEmitter(),
    at: 0,
    onDuty: false,
    keeper: null,
    book: null,
    inner: null,
  };
}

/** Registers the hooks and methods of the duties; `fence` is the one of this registration. */
export function registerDuties(
  api: PluginApi,
  memory: DutiesMemory,
  fence: Fence,
  clock: Clock,
): DutiesSide {
  const warn = (message: string): void => api.logger.warn(message);
  const onDuty = (): boolean => fence.acting() && !fence.draining();
  const changed = (): void => {
    memory.at += 1;
    memory.changes.emit(undefined);
  };
  const hold = (): void => {
    for (const name of switches) {
      const given = memory.given[name];
      // What came due can be settled only once the schedule is known: until then it is built switched off.
      const isEarly = name === 'OPENCLAW_SKIP_CRON' && memory.schedule.scheduler === null;
      if (!onDuty() || isEarly) process.env[name] = '1';
      else if (given === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = given;
    }
  };
  const call = async (method: string, params: object): Promise<unknown> => {
    const { callGatewayFromCli } = await import('openclaw/plugin-sdk/gateway-runtime');
    return callGatewayFromCli(method, { timeout: String(callMs), json: true }, params);
  };
  const file = memoryFile(api, 'jobs.json');
  const book = openJobBook((memory.book ??= newJobBookMemory(file.read())), {
    scheduler: () => memory.schedule.scheduler,
    acting: () => fence.acting(),
    epoch: () => fence.cell().epoch,
    save: (text) => file.keep(text),
    wallMs: clock.wallMs,
    warn,
  });
  const gate = createScheduleGate(memory.schedule, {
    acting: onDuty,
    wallMs: clock.wallMs,
    othersUntilMs: (nowMs) => book.takeOver(nowMs),
    switchOn: async (scheduler) => {
      hold();
      const cron = fieldAt(api.runtime.config.current(), 'cron');
      if (fieldAt(cron, 'enabled') === false) return 'off';
      await switchOn(await innerOf(scheduler, memory, clock));
      return 'on';
    },
    warn,
  });
  const follow = (): void => {
    hold();
    gate.follow();
    if (fence.draining()) clock.after(drainLookMs, follow); // a drain that nobody ends is over by itself
    if (memory.onDuty === onDuty()) return; // a renewal
    memory.onDuty = onDuty();
    memory.keeper?.follow();
    changed();
  };

  api.on('cron_reconciled', (event, context) => {
    if (fieldAt(event, 'reason') === 'reload') memory.inner = null;
    gate.found(context);
    hold();
    changed();
  });
  api.on('cron_changed', (event, context) => {
    memory.inner ??= innerSchedule(context);
    try {
      book.removed(event);
    } catch (error) {
      warn(`a deleted job was not remembered: ${errorText(error)}`);
    }
    changed();
  });
  api.on('gateway_start', () => {
    // A reload of the code brings another fence to follow.
    memory.keeper?.stop();
    memory.keeper = keepChannels({
      onDuty,
      without: isSet(memory.given.OPENCLAW_SKIP_CHANNELS),
      call,
      clock,
      changed,
      warn,
    });
  });

  const duties: Duties = {
    look: async () => {
      const { keeper, schedule, at } = memory;
      const jobs = await book.look();
      const problems = [schedule.problem, keeper?.problem() ?? ''];
      if (isSet(memory.given.OPENCLAW_SKIP_CHANNELS))
        problems.push('it was started without channels (OPENCLAW_SKIP_CHANNELS)');
      return ok({
        at,
        schedule:
          schedule.scheduler === null
            ? 'unknown'
            : schedule.state === 'running' && onDuty()
              ? 'running'
              : 'paused',
        jobs: jobs?.jobs ?? [],
        gone: jobs?.gone ?? [],
        channels: keeper?.channels() ?? [],
        problems: problems.filter((words) => words !== ''),
      });
    },
    put: async (put) => {
      const answer = await book.put(put);
      return answer === null ? fail('this gateway has not started its schedule yet') : ok(answer);
    },
    changes: async (since, waitMs) => {
      if (memory.at <= since) {
        const done = new AbortController();
        const off = memory.changes.on(() => done.abort());
        await delay(clock, waitMs, done.signal);
        off();
      }
      return ok({ at: memory.at });
    },
  };
  registerMethods(api, dutiesMethodNames, (method, params) =>
    answerDutiesCall(method, params, duties),
  );
  follow(); // invariant 1; and another configuration begins fenced
  return { follow };
}

/**
 * The service behind the scheduler that OpenClaw shows. It is shown with each change of a job, so one is changed to what it is;
 * its own jobs are always there.
 */
async function innerOf(
  scheduler: Scheduler,
  memory: DutiesMemory,
  clock: Clock,
): Promise<InnerSchedule> {
  const [job] = await scheduler.list({ includeDisabled: true });
  if (memory.inner === null && job !== undefined) {
    const shown = new AbortController();
    const off = memory.changes.on(() => {
      if (memory.inner !== null) shown.abort();
    });
    await scheduler.update(job.id, { enabled: job.enabled !== false });
    await delay(clock, callMs, shown.signal);
    off();
  }
  if (memory.inner === null) throw new Error('OpenClaw did not show it');
  return memory.inner;
}

/**
 * Starts a schedule that was built switched off. OpenClaw itself would build another one for a change of its configuration,
 * and break each run that goes on (2026.9.6).
 */
async function switchOn(inner: InnerSchedule): Promise<void> {
  inner.state.deps.cronEnabled = true;
  await inner.start();
}

/** Only what is certain to be the service of the tested version. */
function innerSchedule(context: unknown): InnerSchedule | null {
  const { getCron } = Object(context) as { readonly getCron?: () => unknown };
  const found = typeof getCron === 'function' ? getCron() : null;
  const enabled = fieldAt(fieldAt(fieldAt(found, 'state'), 'deps'), 'cronEnabled');
  return typeof enabled === 'boolean' ? (found as InnerSchedule) : null;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
