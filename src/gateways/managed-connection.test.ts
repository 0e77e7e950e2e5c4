import { expect, test } from 'vitest';

import { createEmitter } from '../base/index.ts';
import type { ConnectionState } from '../shared/index.ts';
import type { GatewayConnection } from './connection.ts';
import { mergeStates, withProcess } from './managed-connection.ts';
import type { ProcessState } from './model.ts';

const ready: ConnectionState = { phase: 'ready', sinceMs: 5, version: '1', scopes: [] };
const unreachable = {
  phase: 'offline',
  sinceMs: 5,
  reason: 'unreachable',
  detail: 'ws://127.0.0.1:1',
  retryAtMs: 9,
} as const satisfies ConnectionState;
test.each<[ProcessState, ConnectionState, Partial<ConnectionState>]>([
  [{ phase: 'starting', sinceMs: 1 }, unreachable, { phase: 'starting', step: 'process' }],
  [{ phase: 'running', sinceMs: 1, pid: 2, adopted: true }, ready, ready],
  [{ phase: 'running', sinceMs: 1, pid: 2, adopted: false }, unreachable, unreachable],
  [
    { phase: 'failed', sinceMs: 1, reason: 'port-in-use', detail: '127.0.0.1:1', retryAtMs: 3 },
    unreachable,
    { phase: 'offline', reason: 'port-in-use' },
  ],
  [{ phase: 'stopping', sinceMs: 1 }, unreachable, { phase: 'draining', restartExpected: false }],
  [{ phase: 'stopped', sinceMs: 1 }, unreachable, { phase: 'offline', reason: 'stopped' }],
])('process %o and connection %o', (process, connection, expected) => {
  expect(mergeStates(process, connection)).toMatchObject(expected);
});

const portInUse: ProcessState = {
  phase: 'failed',
  sinceMs: 1,
  reason: 'port-in-use',
  detail: '127.0.0.1:1',
  retryAtMs: 3,
};
const running = (adopted: boolean): ProcessState => ({
  phase: 'running',
  sinceMs: 1,
  pid: 2,
  adopted,
});

function managed(first: ProcessState) {
  const connections = createEmitter<ConnectionState>();
  const processes = createEmitter<ProcessState>();
  const calls: string[] = [];
  let process = first;
  let state: ConnectionState = { ...unreachable, reason: 'stopped', detail: '', retryAtMs: null };
  const enter = (next: ConnectionState): void => {
    state = next;
    connections.emit(next);
  };
  const direct = {
    state: () => state,
    onState: connections.on,
    start: () => {
      calls.push('start');
      enter({ phase: 'starting', sinceMs: 6, step: 'connecting' });
    },
    stop: () => {
      calls.push('stop');
      enter({ ...unreachable, reason: 'stopped', detail: '', retryAtMs: null });
    },
    reconnectNow: () => calls.push('reconnectNow'),
  } as unknown as GatewayConnection;
  const connection = withProcess(direct, { state: () => process, onState: processes.on });
  const told: ConnectionState[] = [];
  connection.onState((next) => told.push(next));
  return {
    connection,
    calls,
    told,
    enter,
    enterProcess: (next: ProcessState) => {
      process = next;
      processes.emit(next);
    },
  };
}

test('it dials while the process runs and never otherwise', () => {
  const { connection, calls, enterProcess } = managed({ phase: 'stopped', sinceMs: 1 });
  connection.start();
  enterProcess({ phase: 'starting', sinceMs: 1 });
  enterProcess(portInUse);
  connection.reconnectNow();
  expect(calls).toEqual([]);
  enterProcess(running(false));
  connection.reconnectNow();
  expect(calls).toEqual(['start', 'reconnectNow']);
  enterProcess({ ...portInUse, reason: 'exited' });
  connection.reconnectNow();
  expect(calls).toEqual(['start', 'reconnectNow', 'stop']);
  enterProcess(running(false));
  enterProcess({ phase: 'stopping', sinceMs: 1 });
  expect(calls.slice(3)).toEqual(['start', 'stop']);
});

test('an adopted process that runs from the start is dialled at once', () => {
  const { connection, calls } = managed(running(true));
  expect(calls).toEqual([]);
  connection.start();
  expect(calls).toEqual(['start']);
});

test('once stopped it dials for no process any more', () => {
  const { connection, calls, enterProcess } = managed(running(false));
  connection.start();
  connection.stop();
  enterProcess(portInUse);
  enterProcess(running(false));
  expect(calls).toEqual(['start', 'stop']);
});

test('it tells both kinds of change, and why there is no connection', () => {
  const { connection, told, enter, enterProcess } = managed({ phase: 'starting', sinceMs: 1 });
  connection.start();
  expect(connection.state()).toMatchObject({ phase: 'starting', step: 'process' });
  enterProcess(running(false));
  expect(told.at(-1)).toMatchObject({ phase: 'starting', step: 'connecting' });
  enter(ready);
  expect(told.at(-1)).toBe(ready);
  enterProcess(portInUse);
  expect(told.at(-1)).toMatchObject({ phase: 'offline', reason: 'port-in-use', retryAtMs: 3 });
});
