/** What must hold in a run, looked at after every event. */
import { takeoverWaitMs } from '../../election/lease.ts';
import type { PairConfig, RegisterRecord } from '../../model.ts';
import { nobody, revoked } from '../../election/model.ts';
import type { Effect, NameServer } from './clients.ts';
import type { Fault } from './faults.ts';
import type { Gateway } from './gateway.ts';
import type { RegisterServer } from './register-server.ts';

export interface JudgePorts {
  readonly gateways: readonly [Gateway, Gateway];
  readonly register: RegisterServer;
  readonly names: NameServer;
  readonly config: PairConfig;
  readonly faults: readonly Fault[];
  /** From here on nothing goes wrong any more. */
  readonly calmFromMs: number;
  readonly trace: (text: string) => void;
}

export interface Judge {
  /** What is broken, if something is. */
  afterEvent(nowMs: number): string | null;
  onLanding(effect: Effect): void;
  atEnd(): string | null;
  roleChanges(): number;
}

/** After this long without faults some gateway must act, and stay the one that does. */
const healMs = 60_000;

export function createJudge(ports: JudgePorts): Judge {
  const { gateways, config, register, names, faults, trace } = ports;
  const holders = new Map<number, string>();
  let judged = 0;
  let highestEpoch = 0;
  let lastActed = 0;
  let acting: string | null = null;
  let changes = 0;
  let changedInCalm: string | null = null;
  let found: string | null = null;
  const firstFaultMs = faults[0]?.atMs ?? Number.POSITIVE_INFINITY;

  const report = (problem: string): void => {
    found ??= problem;
  };

  const judgeWrite = (record: RegisterRecord): void => {
    trace(`register ${record.holder}@${String(record.epoch)}.${String(record.ctr)}`);
    if (record.epoch < highestEpoch) report('the register’s epoch goes back');
    highestEpoch = Math.max(highestEpoch, record.epoch);
    if (record.holder === nobody || record.holder === revoked) return;
    const holder = holders.get(record.epoch) ?? record.holder;
    if (holder !== record.holder) report(`epoch ${String(record.epoch)} has two holders`);
    holders.set(record.epoch, holder);
  };

  const judgeActing = (nowMs: number): void => {
    const able = gateways.filter((gateway) => gateway.mayAct());
    const [first] = able;
    if (able.length > 1) report('two gateways may act at the same instant');
    if (first === undefined) return;
    const { epoch } = first.cell();
    if (epoch < lastActed) report(`epoch ${String(epoch)} acts after epoch ${String(lastActed)}`);
    lastActed = epoch;
    if (acting === first.id) return;
    if (acting !== null) {
      changes += 1;
      if (nowMs < firstFaultMs) report('a takeover although nothing had gone wrong');
      // Going back to the preferred gateway is no trouble, and may take an hour after much of it.
      const isPreferred =
        config.preempt !== null && config[config.preempt.preferred].id === first.id;
      if (nowMs > ports.calmFromMs + healMs && !isPreferred) changedInCalm = first.id;
    }
    acting = first.id;
    trace(`acting ${acting} (epoch ${String(epoch)})`);
  };

  return {
    afterEvent: (nowMs) => {
      for (; judged < register.written.length; judged += 1) judgeWrite(register.written[judged]!);
      judgeActing(nowMs);
      return found;
    },
    onLanding: ({ gatewayId, epoch }) => {
      for (const gateway of gateways)
        if (gateway.id !== gatewayId && gateway.mayAct())
          report(
            `an effect of ${gatewayId} (epoch ${String(epoch)}) lands while ${gateway.id} may act`,
          );
    },
    atEnd: () => {
      const active = gateways.find((gateway) => gateway.process === 'up' && gateway.mayAct());
      if (active === undefined)
        return 'no gateway acts although nothing has been wrong for two minutes';
      if (changedInCalm !== null) return `the role moved to ${changedInCalm} although all was well`;
      if (names.address !== addressOf(config, active.id))
        return `DNS says ${String(names.address)}, but ${active.id} is active`;
      if (changes > allowedChanges(faults, config))
        return `${String(changes)} changes of role for ${String(faults.length)} faults`;
      return null;
    },
    roleChanges: () => changes,
  };
}

function addressOf({ primary, standby }: PairConfig, gatewayId: string): string {
  const member = primary.id === gatewayId ? primary : standby;
  return member.addr ?? member.url;
}

/**
 * How often the role may move. It moves for a reason, and the reasons are the changes in what is so: a fault begins, a
 * fault ends. Each may move it once, and once more back where one gateway is preferred. Only while chance decides about
 * every single renewal (a network that loses and delays, a disk that is about as slow as the lease is long) is there a new
 * reason now and then: at most once in the time that a takeover has to wait for, since the register must stand still for
 * so long.
 */
function allowedChanges(faults: readonly Fault[], config: PairConfig): number {
  const waitMs =
    config.local === 'both' ? Infinity : takeoverWaitMs({ kind: 'timed', ...config.lease });
  const reasons = faults.map((fault) => {
    const isChance = fault.kind === 'bad-weather' || fault.kind === 'slow-disk';
    const times = fault.kind === 'gateway-crash' ? fault.times : 1;
    return 2 * times + (isChance ? Math.floor(fault.forMs / waitMs) : 0);
  });
  const sum = reasons.reduce((total, each) => total + each, 0);
  return config.preempt === null ? sum : 2 * sum;
}
