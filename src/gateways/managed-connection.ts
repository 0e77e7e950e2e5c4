import { createEmitter } from '../base/index.ts';
import type { ConnectionState } from '../shared/index.ts';
import type { GatewayConnection } from './connection.ts';
import type { ProcessState } from './model.ts';

/** The process of one managed gateway, as the supervisor tells it. */
export interface ProcessWatch {
  state(): ProcessState;
  onState(listener: (state: ProcessState) => void): () => void;
}

/**
 * The connection to a gateway whose process we run. Its token is for that process and not for whoever holds the port, so
 * it dials when the process is running and ends when it no longer is; `start` only says that it may. Its state also knows
 * what the process does: "nothing answers" reads "starting" while it starts, and "its port is taken" when that is why.
 */
export function withProcess(
  connection: GatewayConnection,
  process: ProcessWatch,
): GatewayConnection {
  const states = createEmitter<ConnectionState>();
  const current = (): ConnectionState => mergeStates(process.state(), connection.state());
  const tell = (): void => {
    states.emit(current());
  };
  let armed = false;
  let dials = false;
  const follow = (): void => {
    const may = armed && process.state().phase === 'running';
    if (may === dials) return;
    dials = may;
    if (may) connection.start();
    else connection.stop();
  };
  connection.onState(tell);
  process.onState(() => {
    follow();
    tell();
  });
  return {
    ...connection,
    state: current,
    onState: (listener) => states.on(listener),
    start: () => {
      armed = true;
      follow();
    },
    stop: () => {
      armed = false;
      follow();
    },
    reconnectNow: () => {
      if (dials) connection.reconnectNow();
    },
  };
}

/** One honest state out of two: there is a connection only while the process runs; otherwise the process explains why there is none. */
export function mergeStates(process: ProcessState, connection: ConnectionState): ConnectionState {
  switch (process.phase) {
    case 'running':
      return connection;
    case 'starting':
      return { phase: 'starting', sinceMs: process.sinceMs, step: 'process' };
    case 'stopping':
      return { phase: 'draining', sinceMs: process.sinceMs, restartExpected: false };
    case 'stopped':
      return {
        phase: 'offline',
        sinceMs: process.sinceMs,
        reason: 'stopped',
        detail: '',
        retryAtMs: null,
      };
    case 'failed':
      return {
        phase: 'offline',
        sinceMs: process.sinceMs,
        reason: process.reason,
        detail: process.detail,
        retryAtMs: process.retryAtMs,
      };
  }
}
