/** The shipped code that is explored; a mutant is the same with one guard changed. */
import { beatOf, createElection, reduceElection } from '../../election/election.ts';
import { emptyCell, fenceCell, grantCell, mayAct } from '../../fence/lease-cell.ts';

export interface Subject {
  readonly createElection: typeof createElection;
  readonly reduceElection: typeof reduceElection;
  readonly beatOf: typeof beatOf;
  readonly emptyCell: typeof emptyCell;
  readonly grantCell: typeof grantCell;
  readonly fenceCell: typeof fenceCell;
  readonly mayAct: typeof mayAct;
}

export const shipped: Subject = {
  createElection,
  reduceElection,
  beatOf,
  emptyCell,
  grantCell,
  fenceCell,
  mayAct,
};
