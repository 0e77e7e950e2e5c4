import type { ReactNode } from 'react';
import { useStore } from 'zustand';

import { joinStore } from './join-store.ts';

/** What went wrong last; there from the beginning, so that a screen reader tells of it. */
export function JoinProblem(): ReactNode {
  const { problem } = useStore(joinStore);
  return (
    <p
      role="alert"
      className={
        problem === null
          ? 'sr-only'
          : 'selectable rounded-md bg-bad-soft px-3 py-2 text-xs leading-4 text-ink wrap-anywhere'
      }
    >
      {problem}
    </p>
  );
}
