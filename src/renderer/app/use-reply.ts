import { useCallback, useEffect, useState } from 'react';

import { errorText, fail } from '../../base/index.ts';
import { appError } from '../../shared/index.ts';
import type { Reply } from '../../shared/index.ts';

/**
 * The reply to a call made when the component appears, and again on `refresh`; null until the first one is there.
 * `call` must keep its identity, or it is made anew.
 */
export function useReply<Value>(call: () => Promise<Reply<Value>>): {
  readonly reply: Reply<Value> | null;
  readonly refresh: () => void;
} {
  const [reply, setReply] = useState<Reply<Value> | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let gone = false;
    const take = (next: Reply<Value>): void => {
      if (!gone) setReply(next);
    };
    call().then(take, (error: unknown) => {
      take(fail(appError('internal', errorText(error), true)));
    });
    return () => {
      gone = true;
    };
  }, [call, round]);
  const refresh = useCallback(() => {
    setRound((count) => count + 1);
  }, []);
  return { reply, refresh };
}
