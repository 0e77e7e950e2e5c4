/**
 * The hooks of a gateway as questions to its fence.
 *
 * Invariants
 * 1. Each gate asks at the moment of the effect and refuses when it cannot ask: nothing thrown in here reaches the gateway,
 *    which for some hooks (`before_message_write`, the delivery hooks) would go on as if nobody had objected.
 * 2. Gates are synchronous: between the answer and the effect no other code of ours runs.
 */
import type { Fence } from './fence.ts';

export interface Gates {
  beforeMessageWrite(event: unknown, context: unknown): { readonly block: true } | undefined;
  beforeAgentRun(
    event: unknown,
    context: unknown,
  ): { readonly outcome: 'block'; readonly reason: string; readonly message: string } | undefined;
  beforeToolCall(): { readonly block: true; readonly blockReason: string } | undefined;
  beforeSending(): { readonly cancel: true; readonly cancelReason: string } | undefined;
  agentEnd(event: unknown, context: unknown): void;
}

const notActive = 'This gateway is not the active one of its pair.';
const noSession = '(none)';

/** Builds the gates of one fence. */
export function createGates(fence: Fence, warn: (message: string) => void): Gates {
  /** Fails closed: an error in a gate is an objection (invariant 1). */
  const allowed = (ask: () => boolean): boolean => {
    try {
      return ask();
    } catch (error) {
      warn(
        `a gate failed and refuses: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
      return false;
    }
  };

  return {
    beforeMessageWrite: (event, context) => {
      const open = allowed(() => {
        const isUsers = textAt(fieldAt(event, 'message'), 'role') === 'user';
        const session = textAt(event, 'sessionKey') ?? textAt(context, 'sessionKey') ?? noSession;
        return isUsers ? fence.mayAdmit(session) : fence.passes();
      });
      return open ? undefined : { block: true };
    },
    beforeAgentRun: (_event, context) => {
      const open = allowed(() =>
        fence.mayRun({
          runId: textAt(context, 'runId') ?? '',
          sessionId: textAt(context, 'sessionId') ?? '',
          sessionKey: textAt(context, 'sessionKey') ?? noSession,
        }),
      );
      return open ? undefined : { outcome: 'block', reason: 'fenced', message: notActive };
    },
    beforeToolCall: () => {
      if (allowed(() => fence.passes())) return undefined;
      // Told of a blocked tool a model asks for the next one, for ever: the run itself has to end.
      allowed(() => {
        fence.stopRuns();
        return true;
      });
      return { block: true, blockReason: notActive };
    },
    beforeSending: () =>
      allowed(() => fence.passes()) ? undefined : { cancel: true, cancelReason: notActive },
    agentEnd: (event, context) => {
      const runId = textAt(context, 'runId') ?? textAt(event, 'runId');
      if (runId !== null) fence.ended(runId);
    },
  };
}

function fieldAt(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function textAt(value: unknown, name: string): string | null {
  const field = fieldAt(value, name);
  return typeof field === 'string' ? field : null;
}
