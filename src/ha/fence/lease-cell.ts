/**
 * The lease cell of one gateway: what it was last told by its guardian, and so whether it may act.
 * The plugin inside the gateway, the gateway double and the model checker share this file: it has no clock and no imports.
 *
 * Invariants
 * 1. Failing closed: a cell that was never granted, or is fenced, may not act; a time that is not a number may not either.
 * 2. `seq` never goes back. A grant or a fence that carries a lower one than was seen changes nothing, so a grant that
 *    was under way when the fence was sent never brings the gateway back. At the same `seq` the fence wins.
 * 3. `epoch` never goes back, whatever `seq` says.
 * 4. A fence of a new `seq` ends the right to act at once, and only a grant of a higher `seq` gives it again.
 */
export interface LeaseCell {
  /** The epoch of the last grant that counted; 0 before the first. */
  readonly epoch: number;
  /** The highest order number seen in a grant or a fence; -1 before the first. */
  readonly seq: number;
  /** Boot time until which the gateway may act (Infinity for a lease that is held and not renewed); null: it is fenced. */
  readonly untilMs: number | null;
}

/** A gateway that was told nothing yet: it may not act. */
export function emptyCell(): LeaseCell {
  return { epoch: 0, seq: -1, untilMs: null };
}

/** The cell after a grant arrived; the same object if it does not count. */
export function grantCell(
  cell: LeaseCell,
  grant: { readonly epoch: number; readonly seq: number; readonly untilMs: number },
): LeaseCell {
  if (grant.epoch < cell.epoch || grant.seq < cell.seq) return cell;
  if (grant.seq === cell.seq && cell.untilMs === null) return cell;
  return { epoch: grant.epoch, seq: grant.seq, untilMs: grant.untilMs };
}

/** The cell after a fence arrived; the same object if it does not count. */
export function fenceCell(cell: LeaseCell, fence: { readonly seq: number }): LeaseCell {
  if (fence.seq < cell.seq) return cell;
  return { epoch: cell.epoch, seq: fence.seq, untilMs: null };
}

/** Whether an effect may happen now; `nowMs` is the boot clock, read immediately before the effect. */
export function mayAct(cell: LeaseCell, nowMs: number): boolean {
  return cell.untilMs !== null && nowMs < cell.untilMs;
}
