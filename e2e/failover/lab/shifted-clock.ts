/**
 * Loaded before a program (`--import`): SIGUSR2 sets its wall clock an hour on, SIGPIPE an hour back. Boot time stays.
 * A namespace cannot do that: Linux has none for the wall clock.
 */
const hourMs = 3_600_000;
const realNow = Date.now.bind(Date);
const RealDate = Date;
let offsetMs = 0;

class ShiftedDate extends RealDate {
  constructor(...parts: [] | [number | string | Date]) {
    if (parts.length === 0) super(realNow() + offsetMs);
    else super(parts[0]);
  }
  static override now(): number {
    return realNow() + offsetMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
process.on('SIGUSR2', () => (offsetMs += hourMs));
process.on('SIGPIPE', () => (offsetMs -= hourMs));
