import { expect, test, vi } from 'vitest';

import { createEmitter } from '../base/index.ts';
import type { ConnectionState } from '../shared/index.ts';
import type { GatewayConnection } from './connection.ts';
import { mergeStates, withProcess } from './managed-connection.ts';
import type { ProcessState } from './model.ts';

const ready: ConnectionState = { phase: 'ready', sinceMs: 5, version: '1', scopes: [] };
const unreachable: ConnectionState = {
  phase: 'offline',
  sinceMs: 5,
  reason: 'unreachable',
  detail: 'ws://127.0.0.1:1',
  retryAtMs: 9,
};
const refused: ConnectionState = {
  phase: 'refused',
  sinceMs: 5,
  reason: 'token-wrong',
  detail: '',
};

test.each<[ProcessState, ConnectionState, Partial<ConnectionState>]>([
  [{ phase: 'starting', sinceMs: 1 }, unreachable, { phase: 'starting', step: 'process' }],
  [{ phase: 'starting', sinceMs: 1 }, ready, ready],
  [{ phase: 'running', sinceMs: 1, pid: 2, adopted: false }, unreachable, unreachable],
  [
    { phase: 'failed', sinceMs: 1, reason: 'port-in-use', detail: '127.0.0.1:1', retryAtMs: 3 },
    unreachable,
    { phase: 'offline', reason: 'port-in-use' },
  ],
  [
    { phase: 'failed', sinceMs: 1, reason: 'port-in-use', detail: '127.0.0.1:1', retryAtMs: 3 },
    refused,
    refused,
  ],
  [{ phase: 'stopping', sinceMs: 1 }, unreachable, { phase: 'draining', restartExpected: false }],
  [{ phase: 'stopped', sinceMs: 1 }, unreachable, { phase: 'offline', reason: 'stopped' }],
])('process %o and connection %o', (process, connection, expected) => {
  expect(mergeStates(process, connection)).toMatchObject(expected);
});

test('it dials as soon as the process is live, and tells both kinds of change', () => {
  const connections = createEmitter<ConnectionState>();
  const processes = createEmitter<ProcessState>();
  let process: ProcessState = { phase: 'starting', sinceMs: 1 };
  const reconnectNow = vi.fn();
  const connection = {
    state: () => unreachable,
    onState: connections.on,
    reconnectNow,
  } as unknown as GatewayConnection;
  const managed = withProcess(connection, { state: () => process, onState: processes.on });
  const told: string[] = [];
  managed.onState(({ phase }) => told.push(phase));
  connections.emit(unreachable);
  expect(reconnectNow).not.toHaveBeenCalled();
  process = { phase: 'running', sinceMs: 2, pid: 3, adopted: false };
  processes.emit(process);
  expect(reconnectNow).toHaveBeenCalledOnce();
  expect(told).toEqual(['starting', 'offline']);
});
