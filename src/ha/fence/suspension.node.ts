/**
 * Stops a gateway that cannot take our plugin: OpenClaw's own suspension, which closes its doors and pauses its schedule.
 *
 * Invariants
 * 1. The suspension lasts two minutes by itself; it is renewed until `release`, and ends by itself if this guardian dies.
 * 2. `stopped` is said only when the gateway said that nothing runs in it any more.
 * 3. It is no standing fence: while suspended the gateway answers no checks, and a gateway that comes back by itself is free.
 */
import { z } from 'zod';

import { delay, errorText, redact } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { PluginConnection } from './plugin-link.node.ts';

export interface Suspension {
  /** Closes the gateway's doors and waits up to `waitMs` for what runs. True: it stands still. */
  stop(waitMs: number): Promise<boolean>;
  release(): Promise<void>;
  detail(): string;
}

const renewEveryMs = 40_000;
const callMs = 2_000;
const pollMs = 100;
const preparedSchema = z.object({ status: z.string(), suspensionId: z.string().optional() });

/** A suspension of the gateway behind `connection`; `requestId` names it and stays the same for all its renewals. */
export function openSuspension(
  connection: PluginConnection,
  requestId: string,
  clock: Clock,
): Suspension {
  let suspensionId: string | null = null;
  let cancelRenewal = (): void => undefined;
  let wanted = false;
  let detail = '';

  const prepare = async (): Promise<string> => {
    const answer = preparedSchema.parse(
      await connection.request(
        'gateway.suspend.prepare',
        { requestId, drain: true, terminalPolicy: 'terminate' },
        callMs,
      ),
    );
    suspensionId = answer.suspensionId ?? suspensionId;
    return answer.status;
  };

  const renewLater = (): void => {
    cancelRenewal();
    cancelRenewal = clock.after(renewEveryMs, () => {
      prepare()
        .catch((error: unknown) => (detail = redact(errorText(error))))
        .finally(() => {
          // Released while this was under way: it must not hold the gateway again.
          if (wanted) renewLater();
          else void resume();
        });
    });
  };

  const released = (): boolean => !wanted;

  const resume = async (): Promise<void> => {
    if (suspensionId === null) return;
    const ending = suspensionId;
    suspensionId = null;
    detail = '';
    try {
      await connection.request('gateway.suspend.resume', { suspensionId: ending }, callMs);
    } catch (error) {
      detail = redact(errorText(error));
    }
  };

  return {
    stop: async (waitMs) => {
      const endMs = clock.bootMs() + waitMs;
      wanted = true;
      try {
        for (;;) {
          const status = await prepare();
          if (released()) {
            await resume();
            return false;
          }
          renewLater();
          detail = `held by request: ${status}`;
          if (status === 'ready') return true;
          if (clock.bootMs() >= endMs) return false;
          await delay(clock, pollMs);
        }
      } catch (error) {
        detail = redact(errorText(error));
        return false;
      }
    },
    release: async () => {
      wanted = false;
      cancelRenewal();
      cancelRenewal = () => undefined;
      await resume();
    },
    detail: () => detail,
  };
}
