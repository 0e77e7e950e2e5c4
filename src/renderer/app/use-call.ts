import { useCallback, useEffect, useRef, useState } from 'react';

import { errorText } from '../../base/index.ts';
import type { Reply } from '../../shared/index.ts';

/** One call at a time that a press makes; what went wrong stays in words until the next one. */
export interface CallRunner {
  readonly busy: boolean;
  readonly problem: string | null;
  /** Makes the call and hands on what it answered, unless it failed or the component is gone. */
  readonly run: <Value>(call: Promise<Reply<Value>>, answered?: (value: Value) => void) => void;
}

/** A runner for the calls of one component. */
export function useCall(): CallRunner {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  const run: CallRunner['run'] = useCallback((call, answered) => {
    setBusy(true);
    setProblem(null);
    call
      .then(
        (reply) => {
          if (gone.current) return;
          if (reply.ok) answered?.(reply.value);
          else setProblem(reply.error.message);
        },
        (error: unknown) => {
          if (!gone.current) setProblem(errorText(error));
        },
      )
      .finally(() => {
        if (!gone.current) setBusy(false);
      });
  }, []);
  return { busy, problem, run };
}
