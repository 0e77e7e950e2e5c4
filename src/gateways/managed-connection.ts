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
 * The connection to a gateway whose process we run: the same, but its state also knows what the process does, so that
 * "nothing answers" reads "starting" while it starts and "its port is taken" when that is why. It dials as soon as the
 * process is live instead of at the next backoff step.
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
  connection.onState(tell);
  process.onState((state) => {
    if (state.phase === 'running') connection.reconnectNow();
    tell();
  });
  return { ...connection, state: current, onState: (listener) => states.on(listener) };
}

/** One honest state out of two: a live connection proves more than the process table; otherwise the process explains why there is none. */
export function mergeStates(process: ProcessState, connection: ConnectionState): ConnectionState {
  if (
    connection.phase === 'ready' ||
    connection.phase === 'pairing' ||
    connection.phase === 'refused'
  )
    return connection;
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
