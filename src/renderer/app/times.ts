import { t } from './words.ts';

const clockTime = new Intl.DateTimeFormat(navigator.language, {
  hour: 'numeric',
  minute: '2-digit',
});
const exactTime = new Intl.DateTimeFormat(navigator.language, {
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
});
const fullTime = new Intl.DateTimeFormat(navigator.language, {
  dateStyle: 'medium',
  timeStyle: 'medium',
});
const seconds = new Intl.NumberFormat(navigator.language, { maximumFractionDigits: 1 });
const dayOnly = new Intl.DateTimeFormat(navigator.language, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
});

/** Hours and minutes. `atMs`: wall time, here and below. */
export function formatClock(atMs: number): string {
  return clockTime.format(atMs);
}

/** Hours, minutes and seconds, for logs. */
export function formatExact(atMs: number): string {
  return exactTime.format(atMs);
}

/** Date and time to the second, for tooltips. */
export function formatFull(atMs: number): string {
  return fullTime.format(atMs);
}

/** The day in words. */
export function formatDay(atMs: number): string {
  return dayOnly.format(atMs);
}

/** A measured time in whole milliseconds; what rounds to none is under one, not nothing. */
export function formatLatency(latencyMs: number): string {
  const milliseconds = Math.round(latencyMs);
  return milliseconds < 1
    ? t('time.milliseconds.under-one')
    : t('time.milliseconds', { count: milliseconds });
}

/** A short time in seconds, to the tenth: "1.4 s". */
export function formatSeconds(milliseconds: number): string {
  return t('time.seconds-exact', { seconds: seconds.format(milliseconds / 1000) });
}

/** How long ago, coarsely: "12 s ago". */
export function formatAge(atMs: number, nowMs: number): string {
  const age = Math.max(0, Math.round((nowMs - atMs) / 1000));
  if (age < 1) return t('time.now');
  if (age < 60) return t('time.seconds', { count: age });
  if (age < 3600) return t('time.minutes', { count: Math.floor(age / 60) });
  if (age < 86_400) return t('time.hours', { count: Math.floor(age / 3600) });
  return t('time.days', { count: Math.floor(age / 86_400) });
}
