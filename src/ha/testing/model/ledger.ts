/** The register, and what its history and the gateways' acts must never show. */
import type { RegisterRecord } from '../../model.ts';
import { nobody, revoked } from '../../election/model.ts';
import { canonicalText } from './intern.ts';

export interface Ledger {
  /** What the register holds on its disk; null: nothing. */
  readonly record: RegisterRecord | null;
  /** Whose each epoch was, from epoch 1 on; null: nobody had it. */
  readonly holders: readonly (string | null)[];
  /** The highest epoch that a gateway could stamp on an effect so far: receivers keep it, and refuse lower ones. */
  readonly acted: number;
  /** Whose gateway acted in each epoch, from epoch 1 on. */
  readonly actors: readonly (string | null)[];
  readonly diskLosses: number;
}

/** A register that holds `record` and never held anything else. */
export function ledgerOf(record: RegisterRecord | null): Ledger {
  const holders: (string | null)[] = new Array<null>(record?.epoch ?? 0).fill(null);
  if (record !== null) holders[record.epoch - 1] = record.holder;
  return { record, holders, acted: 0, actors: [], diskLosses: 0 };
}

/** A new disk. That an epoch was written in which nobody has acted is nowhere to be seen any more, and may happen again. */
export function emptied(ledger: Ledger): Ledger {
  const holders = ledger.holders.slice(0, ledger.acted);
  return { ...ledger, record: null, holders, diskLosses: ledger.diskLosses + 1 };
}

/** Whether the register holds exactly this. */
export function holds(ledger: Ledger, expected: RegisterRecord | null): boolean {
  return canonicalText(ledger.record) === canonicalText(expected);
}

/** The register after a write, and what is wrong with its history, if something is. */
export function written(
  ledger: Ledger,
  next: RegisterRecord,
): { readonly ledger: Ledger; readonly problem: string | null } {
  const holders = [...ledger.holders];
  while (holders.length < next.epoch) holders.push(null);
  const former = holders[next.epoch - 1] ?? null;
  const isHeld = next.holder !== nobody && next.holder !== revoked;
  if (isHeld) holders[next.epoch - 1] = next.holder;
  const highest = ledger.holders.length;
  const problem =
    next.epoch < highest
      ? `the register's epoch goes back from ${String(highest)} to ${String(next.epoch)}`
      : former !== null && isHeld && former !== next.holder
        ? `epoch ${String(next.epoch)} has two holders`
        : null;
  return { ledger: { ...ledger, record: next, holders }, problem };
}
