/**
 * The hooks of a gateway as questions to its fence.
 *
 * Invariants
 * 1. Each gate asks at the moment of the effect and refuses when it cannot ask: nothing thrown in here reaches the gateway,
 *    which for some hooks (`before_message_write`, the delivery hooks) would go on as if nobody had objected.
 * 2. Between a gate's answer and its effect no other code of ours runs. A gate that waits asks again afterwards.
 * 3. A model is asked, and a tool is run, only after the other gateway had a moment to hear of it: whoever takes over knows
 *    what was begun.
 */
import { fieldAt } from '../fields.ts';
import type { Fence } from './fence.ts';
import { isWarmUpSession } from './warm-up-session.ts';

export interface Gates {
  beforeMessageWrite(event: unknown, context: unknown): { readonly block: true } | undefined;
  beforeAgentRun(
    event: unknown,
    context: unknown,
  ): Promise<
    { readonly outcome: 'block'; readonly reason: string; readonly message: string } | undefined
  >;
  beforeToolCall(
    event: unknown,
    context: unknown,
  ): Promise<{ readonly block: true; readonly blockReason: string } | undefined>;
  beforeSending(): { readonly cancel: true; readonly cancelReason: string } | undefined;
  agentEnd(event: unknown, context: unknown): void;
}

const notActive = 'This gateway is not the active one of its pair.';
const blocked = { outcome: 'block', reason: 'fenced', message: notActive } as const;
/** How far a turn of the warm-up goes. */
const warm = { outcome: 'block', reason: 'warm', message: 'This gateway is warm.' } as const;
const noSession = '(none)';

export interface GatePorts {
  readonly warn: (message: string) => void;
  /** Waits, for a moment at most, until the other gateway has all that is in this session. */
  readonly copied: (sessionKey: string) => Promise<void>;
}

/** Builds the gates of one fence. */
export function createGates(fence: Fence, { warn, copied }: GatePorts): Gates {
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

  const heardOf = (sessionKey: string): Promise<void> =>
    copied(sessionKey).catch((error: unknown) =>
      warn(`the other gateway was not waited for: ${String(error)}`),
    );
  const mayCallTool = (): boolean => {
    if (allowed(() => fence.passes())) return true;
    // Told of a blocked tool a model asks for the next one, for ever: the run itself has to end.
    allowed(() => {
      fence.stopRuns();
      return true;
    });
    return false;
  };

  return {
    beforeMessageWrite: (event, context) => {
      const open = allowed(() => {
        const isUsers = textAt(fieldAt(event, 'message'), 'role') === 'user';
        const session = textAt(event, 'sessionKey') ?? textAt(context, 'sessionKey') ?? noSession;
        if (isWarmUpSession(session)) return true;
        return isUsers ? fence.mayAdmit(session) : fence.passes();
      });
      return open ? undefined : { block: true };
    },
    beforeAgentRun: async (_event, context) => {
      const sessionKey = textAt(context, 'sessionKey') ?? noSession;
      const run = {
        runId: textAt(context, 'runId') ?? '',
        sessionId: textAt(context, 'sessionId') ?? '',
        sessionKey,
      };
      if (isWarmUpSession(sessionKey)) return warm;
      if (!allowed(() => fence.mayRun(run))) return blocked;
      if (!fence.isCheck(run.runId)) await heardOf(sessionKey);
      if (allowed(() => fence.mayGoOn(run))) return undefined;
      fence.ended(run); // nothing tells of the end of a run that did not begin
      return blocked;
    },
    beforeToolCall: async (event, context) => {
      const session = textAt(context, 'sessionKey') ?? textAt(event, 'sessionKey') ?? noSession;
      if (mayCallTool()) {
        await heardOf(session);
        if (mayCallTool()) return undefined;
      }
      return { block: true, blockReason: notActive };
    },
    beforeSending: () =>
      allowed(() => fence.passes()) ? undefined : { cancel: true, cancelReason: notActive },
    agentEnd: (event, context) => {
      const runId = textAt(context, 'runId') ?? textAt(event, 'runId');
      const sessionKey = textAt(context, 'sessionKey') ?? textAt(event, 'sessionKey') ?? noSession;
      if (runId !== null) fence.ended({ runId, sessionKey });
    },
  };
}

function textAt(value: unknown, name: string): string | null {
  const field = fieldAt(value, name);
  return typeof field === 'string' ? field : null;
}
