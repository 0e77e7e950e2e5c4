import { isDrilling } from '../../shared/index.ts';
import type { FailoverEvent, PairView, Translate } from '../../shared/index.ts';
import type { NotificationWords } from './notify.ts';
import type { PairAlarm } from './pair-alarms.ts';

/**
 * What a person is told of an event of a pair: what changed, why, and what there is to do. Null for events that are no
 * news, and for trouble that may pass (`pair-alarms.ts` tells what lasts). Pure.
 */
export function describeFailover(
  event: FailoverEvent,
  pair: PairView,
  name: (gatewayId: string) => string,
  t: Translate,
): NotificationWords | null {
  const { kind, gatewayId, reason } = event;
  if (gatewayId === null) return null;
  // The changes of a drill are its own news, told when it is over.
  if (kind === 'handoff' && isDrilling(pair)) return null;
  const otherId = gatewayId === pair.primaryId ? pair.standbyId : pair.primaryId;
  const values = { pair: pair.name, active: name(gatewayId), other: name(otherId), reason };
  switch (kind) {
    case 'takeover':
    case 'handoff':
    case 'forced':
      return {
        title: t(`failover.${kind}.title`, values),
        body: t(`failover.${kind}.body`, values),
        urgent: kind === 'forced',
      };
    case 'killed':
      return {
        title: t('failover.killed.title', { pair: pair.name, gateway: name(gatewayId) }),
        body: t('failover.killed.body', { reason }),
        urgent: false,
      };
    default:
      return null;
  }
}

/** What a person is told of trouble of a pair that lasts. Pure. */
export function describeAlarm(pair: PairView, alarm: PairAlarm, t: Translate): NotificationWords {
  const values = { pair: pair.name, name: alarm.name, reason: alarm.reason };
  return {
    title: t(`alarm.${alarm.kind}.title`, values),
    body: t(`alarm.${alarm.kind}.body`, values).trim(),
    urgent: alarm.kind === 'inactive',
  };
}
