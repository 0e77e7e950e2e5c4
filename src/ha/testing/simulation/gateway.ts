/** A gateway process, with the shipped lease cell inside. */
import { emptyCell, fenceCell, grantCell, mayAct } from '../../fence/lease-cell.ts';
import type { LeaseCell } from '../../fence/lease-cell.ts';
import type { CheckOutcome, ProbeDepth } from '../../model.ts';
import type { Agenda } from './agenda.ts';

export interface Gateway {
  readonly id: string;
  process: 'up' | 'dead' | 'frozen';
  /** Which life of the process this is; a lock belongs to one of them. */
  life(): number;
  /** Answers, but wrongly. */
  lies: boolean;
  /** Its model provider fails. */
  providerDown: boolean;
  cell(): LeaseCell;
  /** The shipped check, made by this process now. */
  mayAct(): boolean;
  grant(grant: { readonly epoch: number; readonly untilMs: number; readonly seq: number }): void;
  fence(seq: number, kill: boolean, confirmed: () => void): void;
  /** Runs something in the process: now, when it goes on, or never if it ends before. False: there is none. */
  request(run: () => void): boolean;
  /** It may act, or what it was allowed to do has not landed yet. */
  isBusy(): boolean;
  /** Makes an effect, if it may; it lands a little later, and a fence is only confirmed after that. */
  act(land: (epoch: number) => void): void;
  check(depth: ProbeDepth, timeoutMs: number, answer: (outcome: CheckOutcome) => void): void;
  die(): void;
  start(): void;
  freeze(): void;
  thaw(): void;
}

const restartMs = 9_000;
const turnMs = 400;
/** What an effect takes from its check to its landing; the leases' margin is for this. */
const actMs = 50;

export function createGateway(
  id: string,
  agenda: Agenda,
  bootMs: () => number,
  onEnd: () => void,
): Gateway {
  let cell = emptyCell();
  let life = 0;
  let waiting: (() => void)[] = [];
  /** Effects that were allowed and have not landed yet. */
  let landing = 0;
  let whenLanded: (() => void)[] = [];
  /** Runs in the process: now, when it goes on, or never if it ends before. */
  const inProcess = (run: () => void): void => {
    if (gateway.process === 'up') run();
    else if (gateway.process === 'frozen') waiting.push(run);
  };
  const gateway: Gateway = {
    id,
    process: 'up',
    lies: false,
    providerDown: false,
    life: () => life,
    cell: () => cell,
    mayAct: () => gateway.process !== 'dead' && mayAct(cell, bootMs()),
    grant: (grant) => {
      inProcess(() => {
        cell = grantCell(cell, grant);
      });
    },
    fence: (seq, kill, confirmed) => {
      if (kill) gateway.die();
      if (gateway.process === 'dead') {
        confirmed();
        return;
      }
      inProcess(() => {
        cell = fenceCell(cell, { seq });
        if (cell.untilMs !== null) return; // newer grants have overtaken it
        if (landing === 0) confirmed();
        else whenLanded.push(confirmed);
      });
    },
    request: (run) => {
      inProcess(run);
      return gateway.process !== 'dead';
    },
    isBusy: () => gateway.process !== 'dead' && (cell.untilMs !== null || landing > 0),
    act: (land) => {
      if (gateway.process !== 'up' || !gateway.mayAct()) return;
      const { epoch } = cell;
      const asked = life;
      landing += 1;
      agenda.after(actMs, () => {
        if (life !== asked) return;
        landing -= 1;
        land(epoch);
        if (landing > 0) return;
        const confirmations = whenLanded;
        whenLanded = [];
        for (const confirmed of confirmations) confirmed();
      });
    },
    check: (depth, timeoutMs, answer) => {
      if (gateway.process === 'dead') {
        answer({ kind: 'miss', failedAt: 'tcp', detail: 'nothing listens there', gone: true });
        return;
      }
      const asked = life;
      let isOpen = true;
      const finish = (outcome: CheckOutcome): void => {
        if (isOpen) answer(outcome);
        isOpen = false;
      };
      const failedAt = depth === 'fast' ? 'rpc' : 'turn';
      agenda.after(timeoutMs, () => finish({ kind: 'miss', failedAt, detail: 'no answer' }));
      agenda.after(depth === 'fast' ? 2 : turnMs, () => {
        if (life !== asked) return;
        inProcess(() => {
          const fails = gateway.lies || (depth === 'turn' && gateway.providerDown);
          if (fails)
            finish({
              kind: 'miss',
              failedAt: depth === 'fast' ? 'echo' : 'turn',
              detail: 'a wrong answer',
            });
          else finish({ kind: 'ok', latencyMs: 2, detail: 'well', passed: [] });
        });
      });
    },
    die: () => {
      if (gateway.process === 'dead') return;
      gateway.process = 'dead';
      life += 1;
      waiting = [];
      landing = 0;
      for (const confirmed of whenLanded) confirmed();
      whenLanded = [];
      cell = emptyCell();
      onEnd();
      const ended = life;
      // Its supervisor starts it again.
      agenda.after(restartMs, () => {
        if (life === ended) gateway.start();
      });
    },
    start: () => {
      if (gateway.process === 'dead') gateway.process = 'up';
    },
    freeze: () => {
      if (gateway.process === 'up') gateway.process = 'frozen';
    },
    thaw: () => {
      if (gateway.process !== 'frozen') return;
      gateway.process = 'up';
      const late = waiting;
      waiting = [];
      for (const run of late) run();
    },
  };
  return gateway;
}
