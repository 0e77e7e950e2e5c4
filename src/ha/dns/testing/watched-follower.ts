import { onTestFinished } from 'vitest';

import type { DnsView } from '../../../shared/index.ts';
import { createDnsFollower } from '../follower.ts';
import type { DnsFollower, DnsFollowerOptions } from '../follower.ts';

export interface WatchedFollower {
  readonly follower: DnsFollower;
  /** Every view there was, oldest first. */
  readonly views: readonly DnsView[];
  /** Resolves with the first view, from now on or now, that is as wanted. */
  seen(wanted: (view: DnsView) => boolean): Promise<DnsView>;
}

/** A follower whose views are kept and can be awaited; closed after the test. */
export function watchedFollower(options: Omit<DnsFollowerOptions, 'onView'>): WatchedFollower {
  const views: DnsView[] = [];
  const waiting = new Set<(view: DnsView) => void>();
  const follower = createDnsFollower({
    ...options,
    onView: (view) => {
      views.push(view);
      for (const look of [...waiting]) look(view);
    },
  });
  onTestFinished(() => follower.close());
  return {
    follower,
    views,
    seen: (wanted) =>
      new Promise((resolve) => {
        const look = (view: DnsView): void => {
          if (!wanted(view)) return;
          waiting.delete(look);
          resolve(view);
        };
        waiting.add(look);
        look(follower.view());
      }),
  };
}
