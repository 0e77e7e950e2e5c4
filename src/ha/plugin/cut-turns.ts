/**
 * A gateway that comes back takes up, by itself, the turns that its end cut off: some seconds after its start, and again
 * while it is refused. In a pair these turns are the app's to go on with, at whichever gateway is active by then; two
 * that answer the same question get in each other's way, and the question stays without an answer.
 *
 * Invariant: only turns of an earlier life of the process are forgotten; nothing runs before the first lease.
 */
import { errorText } from '../../base/index.ts';

/** What was forgotten, once for the life of the process. */
export interface CutTurns {
  forgotten: Promise<void> | null;
}

/** Makes OpenClaw forget which turns of its agents (`config`: OpenClaw's own) were cut off. Never rejects; `warn` hears of what could not be forgotten. */
export function forgetCutTurns(
  memory: CutTurns,
  config: () => unknown,
  warn: (message: string) => void,
): Promise<void> {
  memory.forgotten ??= forget(config).catch((error: unknown) => {
    warn(`turns that were cut off may be taken up again: ${errorText(error)}`);
  });
  return memory.forgotten;
}

async function forget(config: () => unknown): Promise<void> {
  const [{ listAgentIds }, { listSessionEntries, patchSessionEntry }] = await Promise.all([
    import('openclaw/plugin-sdk/agent-scope-runtime'),
    import('openclaw/plugin-sdk/session-store-runtime'),
  ]);
  for (const agentId of listAgentIds(config()))
    for (const { sessionKey, entry } of listSessionEntries({ agentId }))
      if (entry.status === 'running')
        await patchSessionEntry({
          agentId,
          sessionKey,
          preserveActivity: true,
          update: () => ({
            status: undefined,
            restartRecoveryRuns: undefined,
            mainRestartRecovery: undefined,
          }),
        });
}
