import { Notification } from 'electron';

export interface NotificationWords {
  readonly title: string;
  readonly body: string;
  /** Whether it asks for something soon; it then stays until it is dismissed, where the system can do that. */
  readonly urgent: boolean;
}

/** Shows a desktop notification; a click brings the person to what it is about. Where there is no service, nothing is lost. */
export function notify({ title, body, urgent }: NotificationWords, clicked: () => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body, urgency: urgent ? 'critical' : 'normal' });
  shown.add(notification); // otherwise collected before it can be clicked
  notification.on('click', clicked);
  notification.on('close', () => shown.delete(notification));
  notification.show();
}

const shown = new Set<Notification>();
