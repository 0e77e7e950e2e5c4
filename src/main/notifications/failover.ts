import { Notification } from 'electron';

import type { FailoverEvent, PairView, Translate } from '../../shared/index.ts';

/** What a person is told of an event of a pair; null for events that are no news. Pure. */
export function describeFailover(
  event: FailoverEvent,
  pair: PairView,
  name: (gatewayId: string) => string,
  t: Translate,
): { readonly title: string; readonly body: string } | null {
  if (event.kind !== 'takeover' || event.gatewayId === null) return null;
  const lost = event.gatewayId === pair.primaryId ? pair.standbyId : pair.primaryId;
  const values = {
    pair: pair.name,
    primary: name(lost),
    standby: name(event.gatewayId),
    reason: event.reason,
  };
  return { title: t('failover.takeover.title', values), body: t('failover.takeover.body', values) };
}

/** Shows a desktop notification; a click brings the person to what it is about. Where there is no service, nothing is lost. */
export function notify(
  words: { readonly title: string; readonly body: string },
  clicked: () => void,
): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ ...words, urgency: 'normal' });
  shown.add(notification); // otherwise collected before it can be clicked
  notification.on('click', clicked);
  notification.on('close', () => shown.delete(notification));
  notification.show();
}

const shown = new Set<Notification>();
