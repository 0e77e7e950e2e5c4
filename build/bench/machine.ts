import { cpus, loadavg, release, totalmem, type as systemName } from 'node:os';

/** Where figures come from; without it they say nothing. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly system: string;
  /** Over the last minute, at the start. */
  readonly load: number;
}

const busyLoad = 1;

/** Describes this machine as it is now. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1024 ** 2),
    system: `${systemName()} ${release()} ${process.arch}`,
    load: loadavg()[0] ?? 0,
  };
}

/** What a reader must know of the machine before the figures; null when it was quiet. */
export function loadWarning({ load }: Machine): string | null {
  return load > busyLoad
    ? `The machine was busy: load ${load.toFixed(2)} at the start. Times and their worst cases are too high; do not publish them.`
    : null;
}
