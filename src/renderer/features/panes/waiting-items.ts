import { needsAttention } from '../../../shared/index.ts';
import type { OutboxItem } from '../../../shared/index.ts';

const urgency = ['failed', 'interrupted', 'uncertain', 'queued'];

/** The messages of a pane that wait, those that wait for the person first, then in the order they were written. */
export function waitingItems(paneId: string, outbox: readonly OutboxItem[]): readonly OutboxItem[] {
  return outbox
    .filter((item) => item.paneId === paneId && needsAttention(item.state))
    .toSorted(
      (a, b) =>
        urgency.indexOf(a.state) - urgency.indexOf(b.state) || a.createdAtMs - b.createdAtMs,
    );
}
