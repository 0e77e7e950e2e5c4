/** What came of making a single gateway of a pair; it is shown after the pair is gone, until the person has read it. */
import { createStore } from 'zustand/vanilla';

import type { SingleAgain } from '../../../../shared/index.ts';

export const singleStore = createStore<{ readonly done: SingleAgain | null }>(() => ({
  done: null,
}));
