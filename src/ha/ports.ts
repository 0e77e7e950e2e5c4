/** What the guardian needs from outside: a register, and eyes on a member. */
import type {
  CheckOutcome,
  MemberConfig,
  ProbeDepth,
  RegisterRead,
  RegisterRecord,
  RegisterSwap,
} from './model.ts';

/**
 * The one place that says who is active. `testing/register-conformance.ts` is its contract.
 * Neither method rejects: what goes wrong is part of the answer.
 */
export interface Register {
  read(): Promise<RegisterRead>;
  /** Writes `next` if the register holds exactly `expected` (null: nothing at all); durable before it says `swapped`. */
  compareAndSwap(expected: RegisterRecord | null, next: RegisterRecord): Promise<RegisterSwap>;
}

/** Looks at one member. */
export interface Probe {
  /** Makes one check; answers within about `timeoutMs` and never rejects. */
  check(depth: ProbeDepth, timeoutMs: number): Promise<CheckOutcome>;
  close(): void;
}

/** Opens the eyes on a member. `onReset` is called at once when a connection that was up breaks. */
export type OpenProbe = (member: MemberConfig, onReset: (detail: string) => void) => Probe;
