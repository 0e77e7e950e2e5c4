/**
 * A drill: proves on a pair as it is that its other gateway could take over, by handing the role over and back and having
 * both answer.
 *
 * Invariants
 * 1. It begins only where nothing can be lost: the other could take over, the copy is in step, and no turn runs.
 * 2. It ends with the role where it was, or says where it left it. Where a step fails or a person ends it, it proves nothing
 *    more and only brings the role back.
 * 3. The role goes back only when everything that was said meanwhile is copied.
 */
import { delay, fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { drillText } from '../../shared/index.ts';
import type { DrillStep, DrillView, MirrorView, PairView } from '../../shared/index.ts';
import type { GuardedPair } from '../pair/driver.ts';
import { untilView } from './until-view.ts';
import type { WaitPorts } from './until-view.ts';

/** How long the gateway that gave the role away may take to be ready to have it back, and the copy to be in step. */
const readyLimitMs = 120_000;
const moveLimitMs = 60_000;
const stepLimitMs = 60_000;
/**
 * A gateway that gave the role away leaves it to the other one for ten seconds, or until it has seen it there. So long it takes
 * in the slowest profile until it has looked.
 */
const seenMs = 2_000;

export interface Drill {
  /** The drill that runs, or the last one. */
  view(): DrillView | undefined;
  isRunning(): boolean;
  /** Runs one; both the value and the error are words for people: the table, or why there is none. */
  run(): Promise<Result<string, string>>;
  /** Ends the one that runs; the role comes back first. */
  end(): Result<string, string>;
}

/** What a step found, or `fail` with why not; `skipped` where it does not apply. */
type Found = Result<
  { readonly detail: string; readonly tookMs?: number; readonly isSkipped?: true },
  string
>;

interface Plan {
  readonly what: string;
  readonly prove: () => Promise<Found>;
  /** Brings the role back: done also when the drill failed or was ended. */
  readonly isWayBack?: true;
}

/** Makes the drill of a pair; `onProgress` hears of each step. */
export function createDrill(
  pair: GuardedPair,
  ports: WaitPorts & { readonly onProgress: () => void },
): Drill {
  const { clock } = ports;
  let current: DrillView | undefined;

  const show = (drill: DrillView): void => {
    current = drill;
    ports.onProgress();
  };
  const showStep = (drill: DrillView, index: number, change: Partial<DrillStep>): void => {
    const step = drill.steps[index];
    if (step !== undefined)
      show({ ...drill, steps: drill.steps.with(index, { ...step, ...change }) });
  };
  const isRunning = (): boolean => current?.state === 'running' || current?.state === 'ending';
  const note = (reason: string): void => pair.note({ kind: 'drill', gatewayId: null, reason });

  /** Goes through the steps; gives the drill as it ended. */
  const prove = async (
    first: DrillView,
    plans: readonly Plan[],
    home: string,
  ): Promise<DrillView> => {
    let failure: string | null = null;
    const now = (): DrillView => current ?? first;
    for (const [index, { what, prove: proveStep, isWayBack }] of plans.entries()) {
      const isOver = failure !== null || now().state === 'ending';
      const mustComeBack = isWayBack === true && pair.view().activeId !== home; // invariant 2
      if (isOver && !mustComeBack) {
        showStep(now(), index, { state: 'skipped', detail: 'not reached' });
        continue;
      }
      showStep(now(), index, { state: 'running' });
      const startedAtMs = clock.bootMs();
      const found = await proveStep();
      if (!found.ok) {
        failure ??= `${what}: ${found.error}`;
        showStep(now(), index, { state: 'failed', detail: found.error });
        continue;
      }
      const { detail, isSkipped, tookMs = clock.bootMs() - startedAtMs } = found.value;
      const took = isSkipped === true ? null : tookMs;
      showStep(now(), index, {
        state: isSkipped === true ? 'skipped' : 'passed',
        detail,
        tookMs: took,
      });
    }
    const { activeId } = pair.view();
    const left = activeId === home ? '' : ` ${pair.nameOf(activeId)} is active and stays so.`;
    if (failure !== null) return { ...now(), state: 'failed', words: `Failed. ${failure}.${left}` };
    return now().state === 'ending'
      ? { ...now(), state: 'ended', words: `Ended early; ${pair.nameOf(activeId)} is active.` }
      : {
          ...now(),
          state: 'passed',
          words: 'Passed: both can have the role, and nothing was lost.',
        };
  };

  return {
    view: () => current,
    isRunning,
    end: () => {
      if (current === undefined || !isRunning()) return fail('No drill runs.');
      show({ ...current, state: 'ending' });
      return ok('The drill ends; the role comes back first.');
    },
    run: async () => {
      const view = pair.view();
      const refusal = isRunning() ? 'one runs already.' : await whyNot(pair, view);
      if (refusal !== null || isRunning())
        return fail(`No drill now: ${refusal ?? 'one runs already.'}`);
      const plans = plansFor(pair, ports, view);
      const steps = plans.map(({ what }): DrillStep => ({
        what,
        state: 'waiting',
        tookMs: null,
        detail: '',
      }));
      const begun: DrillView = { startedAtMs: clock.wallMs(), state: 'running', steps, words: '' };
      show(begun);
      note('A drill began: the role goes over and comes back.');
      const ended = await prove(begun, plans, view.activeId);
      show(ended);
      note(`The drill is over. ${ended.words}`);
      const text = drillText(ended, `Drill of ${view.name}`);
      return ended.state === 'failed' ? fail(text) : ok(text);
    },
  };
}

/** Why a drill could lose something now, or would prove nothing; null: it may begin (invariant 1). */
async function whyNot(pair: GuardedPair, view: PairView): Promise<string | null> {
  if (view.hold) return 'the pair is held. End the hold first.';
  if (view.busy !== null) return view.busy;
  if (view.cover !== 'protected') return view.coverReason;
  const copied = whyNotCopied(view);
  if (copied !== null) return copied;
  const running = await pair.running(view.activeId);
  if (running === null || running === 0) return null;
  return `${pair.nameOf(view.activeId)} is in the middle of ${running === 1 ? 'a turn' : `${running} turns`}. Try again when it has answered.`;
}

function whyNotCopied({ mirror, nodes, activeId }: PairView): string | null {
  if (mirror === null)
    return nodes.find(({ gatewayId }) => gatewayId === activeId)?.local === false
      ? 'the conversations are copied by the computer whose gateway is active. Start the drill there.'
      : 'the conversations are not copied.';
  switch (mirror.state) {
    case 'in-step':
      return null;
    case 'comparing':
      return 'the conversations are still being compared. Try again in a moment.';
    case 'catching-up':
      return `the copy is not in step: ${mirror.rows} rows to go. Try again when it is.`;
    case 'away':
      return `the conversations are not copied now: ${mirror.detail}.`;
    case 'refused':
      return 'another guardian copies the conversations by now.';
  }
}

function plansFor(pair: GuardedPair, ports: WaitPorts, before: PairView): readonly Plan[] {
  const home = before.activeId;
  const there = home === before.primaryId ? before.standbyId : before.primaryId;
  const name = (gatewayId: string): string => pair.nameOf(gatewayId);
  const answers = (gatewayId: string): Plan => ({
    what: `${name(gatewayId)} answers a whole turn`,
    prove: () => proveTurn(pair, gatewayId),
  });
  const follows = (gatewayId: string): readonly Plan[] =>
    before.dns.length === 0
      ? []
      : [
          {
            what: `The name says ${name(gatewayId)}`,
            prove: () => proveName(pair, ports),
          },
        ];
  return [
    answers(there),
    {
      what: 'Both have the same conversations',
      prove: () => proveInStep(pair, ports, null),
    },
    {
      what: `${name(home)} hands over to ${name(there)}`,
      prove: () => proveMove(pair, ports, home),
    },
    ...follows(there),
    answers(there),
    {
      what: `${name(home)} is ready to have the role back`,
      prove: () => proveReady(pair, ports),
      isWayBack: true,
    },
    {
      what: `${name(there)} hands back to ${name(home)}`,
      prove: () => proveMove(pair, ports, there),
      isWayBack: true,
    },
    ...follows(home),
    answers(home),
    { what: 'Nothing was lost', prove: () => proveInStep(pair, ports, before.mirror) },
  ];
}

async function proveTurn(pair: GuardedPair, gatewayId: string): Promise<Found> {
  const outcome = await pair.askTurn(gatewayId);
  switch (outcome.kind) {
    case 'ok':
      return ok({ detail: outcome.detail, tookMs: outcome.latencyMs });
    case 'miss':
      return fail(outcome.detail);
    case 'blind':
      return ok({ detail: outcome.detail, isSkipped: true });
  }
}

/** Both sides hold the same rows; and no fewer than `before`, with the role handed on whole each time. */
async function proveInStep(
  pair: GuardedPair,
  ports: WaitPorts,
  before: MirrorView | null,
): Promise<Found> {
  const view = await untilView(
    pair,
    ports,
    ({ mirror }) => mirror?.state === 'in-step',
    stepLimitMs,
  );
  const mirror = view?.mirror ?? null;
  if (mirror === null) return fail(whyNotCopied(pair.view()) ?? 'the copy is not in step');
  const rows = `${mirror.held} rows on both`;
  if (before === null) return ok({ detail: rows });
  if (!mirror.inherited)
    return fail('the active gateway did not get all that was said to the other one');
  if (mirror.held < before.held)
    return fail(`${rows}, ${before.held} before: was a conversation deleted meanwhile?`);
  return ok({ detail: `${rows}, ${before.held} before` });
}

async function proveReady(pair: GuardedPair, ports: WaitPorts): Promise<Found> {
  await delay(ports.clock, seenMs);
  const ready = await untilView(
    pair,
    ports,
    ({ cover, busy }) => cover === 'protected' && busy === null,
    readyLimitMs,
  );
  return ready === null ? fail(pair.view().coverReason) : ok({ detail: ready.coverReason });
}

async function proveMove(pair: GuardedPair, ports: WaitPorts, from: string): Promise<Found> {
  const { clock } = ports;
  // Where the other computer copies, its guardian waits for the copy before it gives the role away.
  const isCopied = ({ mirror }: PairView): boolean => mirror === null || mirror.state === 'in-step';
  const before = await untilView(pair, ports, isCopied, stepLimitMs); // invariant 3
  if (before === null) return fail(whyNotCopied(pair.view()) ?? 'the copy is not in step');
  if (before.activeId !== from) return fail('the role moved by itself; the timeline says why');
  const startedAtMs = clock.bootMs();
  const roleOf = (view: PairView): string =>
    view.nodes.find((node) => node.gatewayId === from)?.role ?? '';
  const stopped = untilView(
    pair,
    ports,
    (view) =>
      view.epoch > before.epoch || !['active', 'draining', 'leaving'].includes(roleOf(view)),
    moveLimitMs,
  ).then(() => clock.bootMs() - startedAtMs);
  const refusal = pair.ask('hand-over');
  if (refusal !== null) return fail(refusal);
  const moved = await untilView(
    pair,
    ports,
    (view) => view.epoch > before.epoch && view.activeId !== from,
    moveLimitMs,
  );
  if (moved === null)
    return fail(`the role did not move within ${moveLimitMs / 1000} s; the timeline says why`);
  const tookMs = clock.bootMs() - startedAtMs;
  const gapMs = Math.max(0, tookMs - (await stopped));
  return ok({ detail: `${gapMs} ms without an active one, epoch ${moved.epoch}`, tookMs });
}

async function proveName(pair: GuardedPair, ports: WaitPorts): Promise<Found> {
  const { epoch } = pair.view();
  const followed = await untilView(
    pair,
    ports,
    ({ dns }) => dns.every((follower) => follower.ok && follower.epoch >= epoch),
    stepLimitMs,
  );
  const { dns } = followed ?? pair.view();
  const said = dns.map(({ name, address }) => `${name} → ${address ?? 'no answer'}`).join(', ');
  if (followed !== null) return ok({ detail: said });
  const wrong = dns.find((follower) => !follower.ok);
  return fail(wrong === undefined || wrong.detail === '' ? said : wrong.detail);
}
