/**
 * The first turn of a gateway's process takes seconds: OpenClaw loads code, starts workers and opens files only then. One
 * turn of ours goes that way before a person does: a message to a session that nobody sees, whose run the gates stop right
 * before the model is asked. It costs no tokens, and leaves neither session nor transcript.
 *
 * Invariant: it goes this way once in the life of the process, or again when it failed.
 */
import { errorText, fail, ok } from '../../base/index.ts';
import type { Random, Result } from '../../base/index.ts';
import { fieldAt } from '../fields.ts';
import { warmUpMessage, warmUpSessionName } from '../fence/warm-up-session.ts';

/** What outlives a reload of the plugin's code. */
export interface WarmUpMemory {
  warm: Promise<Result<null, string>> | null;
}

export interface WarmUpPorts {
  /** Calls a method of the gateway itself. Rejects when it is refused. */
  readonly call: (method: string, params: object) => Promise<unknown>;
  readonly agentId: () => Promise<string>;
  /** Deletes what the warm-up left with an agent, without an archive. */
  readonly forget: (agentId: string) => Promise<void>;
  readonly random: Random;
}

/** Longer than any first turn that was seen, on machines with other things to do; milliseconds. */
export const warmUpMs = 60_000;

/** Warms the gateway up, unless that was done. Fails with words where it could not; never rejects. */
export function warmUp(memory: WarmUpMemory, ports: WarmUpPorts): Promise<Result<null, string>> {
  memory.warm ??= once(ports).then((outcome) => {
    if (!outcome.ok) memory.warm = null;
    return outcome;
  });
  return memory.warm;
}

async function once({ call, agentId, forget, random }: WarmUpPorts): Promise<Result<null, string>> {
  try {
    const agent = await agentId();
    try {
      const sent = await call('chat.send', {
        sessionKey: `agent:${agent}:${warmUpSessionName}`,
        message: warmUpMessage,
        idempotencyKey: random.id(),
      });
      await call('agent.wait', { runId: fieldAt(sent, 'runId'), timeoutMs: warmUpMs });
    } finally {
      await forget(agent);
    }
    return ok(null);
  } catch (error) {
    return fail(errorText(error));
  }
}
