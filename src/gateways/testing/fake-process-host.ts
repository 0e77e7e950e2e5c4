import type { HostedProcess, ProcessExit, ProcessHost } from '../ports.ts';

/** A machine for supervisor tests: nothing runs, everything is a switch. */
export interface FakeProcessHost extends ProcessHost {
  missing: string | null;
  portFree: boolean;
  live: boolean;
  repairs: boolean;
  running: { readonly process: HostedProcess; readonly current: boolean } | null;
  /** Whether a process ends at SIGTERM. */
  obeysTerm: boolean;
  readonly calls: string[];
  /** The processes that were started, oldest first. */
  readonly started: FakeProcess[];
}

export interface FakeProcess extends HostedProcess {
  readonly token: string;
  end(exit: ProcessExit): void;
}

/** Makes a machine on which everything works. */
export function fakeProcessHost(): FakeProcessHost {
  const started: FakeProcess[] = [];
  const calls: string[] = [];
  const host: FakeProcessHost = {
    missing: null,
    portFree: true,
    live: true,
    repairs: true,
    running: null,
    obeysTerm: true,
    calls,
    started,
    missingRuntime: () => host.missing,
    prepare: () => {
      calls.push('prepare');
      return Promise.resolve();
    },
    findRunning: () => Promise.resolve(host.running),
    portIsFree: () => Promise.resolve(host.portFree),
    start: (_gateway, token) => {
      calls.push('start');
      const made = fakeProcess(100 + started.length, token, calls, () => host.obeysTerm);
      started.push(made);
      return Promise.resolve(made);
    },
    repair: () => {
      calls.push('repair');
      return Promise.resolve(host.repairs);
    },
    isLive: () => Promise.resolve(host.live),
    logPath: (gatewayId) => `/profile/${gatewayId}.log`,
  };
  return host;
}

/** A process that does nothing until it is ended. */
export function fakeProcess(
  pid: number,
  token: string,
  calls: string[],
  obeysTerm: () => boolean,
): FakeProcess {
  let end: (exit: ProcessExit) => void = () => undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    end = resolve;
  });
  return {
    pid,
    token,
    exited,
    end,
    signal: (name) => {
      calls.push(`${name} ${pid}`);
      if (name === 'SIGKILL' || obeysTerm()) end({ code: null, signal: name });
    },
  };
}
