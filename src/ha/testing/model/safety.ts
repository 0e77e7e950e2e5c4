/** What must hold in every state; the numbers are those of the reference design's safety argument (B.3). */
import { gatewayIds } from './bounds.ts';
import type { Bounds } from './bounds.ts';
import type { Host } from './host.ts';
import type { Ledger } from './ledger.ts';
import type { Subject } from './subject.ts';

/** What a host could do at this instant, by its own clock. */
export interface Acting {
  /** The epoch its gateway would stamp on an effect now; 0: it may not act. */
  readonly epoch: number;
  /** An effect that was allowed may still land: a check and its act are up to the margin apart. */
  readonly mayLand: boolean;
  /** Its guardian counts itself as active, on a lease that still runs. */
  readonly guardianActive: boolean;
}

export function actingOf(subject: Subject, { node, cell }: Host, bounds: Bounds): Acting {
  const mayAct = cell !== null && subject.mayAct(cell, 0);
  const isTimed = bounds.lease.kind === 'timed';
  const marginMs = bounds.lease.kind === 'timed' ? bounds.lease.marginMs : 0;
  const isActive = node?.role === 'active' || node?.role === 'draining';
  return {
    epoch: mayAct ? cell.epoch : 0,
    mayLand: mayAct || (cell !== null && cell.untilMs !== null && cell.untilMs + marginMs > 0),
    // A lock is the gateway's: its guardian may learn late that it is gone.
    guardianActive: isTimed && isActive && (node.leaseUntilMs ?? 0) > 0,
  };
}

/** The register's record of acts after this state, and what is wrong with the state. */
export function judge(
  left: Acting,
  right: Acting,
  ledger: Ledger,
): { readonly ledger: Ledger; readonly problem: string | null } {
  const acted = Math.max(ledger.acted, left.epoch, right.epoch);
  const actors = actorsAfter(left, right, ledger);
  const same = acted === ledger.acted && actors === ledger.actors;
  return {
    ledger: same ? ledger : { ...ledger, acted, actors },
    problem: problemOf(left, right, ledger),
  };
}

function actorsAfter(left: Acting, right: Acting, { actors }: Ledger): Ledger['actors'] {
  const added = [left, right]
    .map(({ epoch }, index) => ({ epoch, id: gatewayIds[index]! }))
    .filter(({ epoch }) => epoch !== 0 && (actors[epoch - 1] ?? null) === null);
  if (added.length === 0) return actors;
  const after = [...actors];
  for (const { epoch, id } of added) {
    while (after.length < epoch) after.push(null);
    after[epoch - 1] = id;
  }
  return after;
}

function problemOf(left: Acting, right: Acting, { acted, actors }: Ledger): string | null {
  if (left.epoch !== 0 && right.epoch !== 0) return 'two gateways may act at the same instant (S1)';
  if ((left.mayLand && right.epoch !== 0) || (right.mayLand && left.epoch !== 0))
    return 'a gateway may act while an effect of the other may still land (S1)';
  for (const { epoch } of [left, right])
    if (epoch !== 0 && epoch < acted)
      return `a gateway acts in epoch ${String(epoch)} after another acted in ${String(acted)} (S3)`;
  for (const [index, { epoch }] of [left, right].entries())
    if (epoch !== 0 && (actors[epoch - 1] ?? gatewayIds[index]) !== gatewayIds[index])
      return `both gateways have acted in epoch ${String(epoch)} (S2)`;
  if (left.guardianActive && right.guardianActive)
    return 'both guardians count themselves active on a valid lease (S4)';
  return null;
}
