import { createStore } from 'zustand/vanilla';

import { errorText } from '../../base/index.ts';
import type { Reply } from '../../shared/index.ts';

/** What a click asked for and did not get, in words, until the person dismisses it or something works. */
export const actionProblem = createStore<{ readonly message: string | null }>(() => ({
  message: null,
}));

/** Sends a call off; its effect comes back as a change of state, its failure as `actionProblem`. */
export function act(call: Promise<Reply<unknown>>): void {
  call.then(
    (reply) => {
      actionProblem.setState({ message: reply.ok ? null : reply.error.message });
    },
    (error: unknown) => {
      actionProblem.setState({ message: errorText(error) });
    },
  );
}
