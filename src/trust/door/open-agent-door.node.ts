/**
 * The door for agents: lets the tools of some gateways' agents reach the broker of the app that runs.
 *
 * Invariants
 * 1. Tokens are new at each start and void when the door is closed; nothing of an earlier start opens it.
 * 2. HTTP is listened on only where a socket could not be.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { createEmitter, errorText, fail, ok, type Clock, type Result } from '../../base/index.ts';
import { preparePrivateFolder, privateSocketPath } from '../../base/index.node.ts';
import { appError, type AppError } from '../../shared/index.ts';
import type { AgentDoor } from '../broker/model.ts';
import { removeAddress, writeAddress, type DoorAddress } from './address.node.ts';
import { createAnswering } from './answering.ts';
import { createCallers, type DoorClient } from './callers.node.ts';
import { openHttpWay } from './http-way.node.ts';
import { parseProofRequest } from './proof.node.ts';
import { createRefusals, type DoorRefusal, type DoorWay } from './refusals.ts';
import { openSocketWay } from './socket-way.node.ts';
import type { OpenWay, WayOptions } from './way.ts';

const deadlineMs = 5_000;

export interface AgentDoorOptions {
  /** The profile folder; the door keeps what it needs in `doorFolder` of it. */
  readonly home: string;
  /** The broker. */
  readonly door: AgentDoor;
  /** The broker's: calls that wait look again. */
  readonly onChange: (listener: () => void) => () => void;
  readonly clock: Clock;
  /** Who may call. */
  readonly clients: readonly DoorClient[];
  /** For the log: who was turned away. Not more often than once a minute for each reason. */
  readonly refused: (refusal: DoorRefusal) => void;
  /** Where the socket is to be, and how long somebody may take to say what they want; for tests. */
  readonly socket?: string;
  readonly deadlineMs?: number;
}

export interface OpenDoor {
  readonly way: DoorWay;
  /** Who may call from now on: new ones get a token, and the token of one that is missing is void at once. */
  setClients(clients: readonly DoorClient[]): Result<null, AppError>;
  /** Lets everybody go, who get “not available”, and takes away what it put on disk. */
  close(): Promise<void>;
}

/** The folder of the door in the profile `home`: the tools are told it, and read their client's file there. */
export function doorFolder(home: string): string {
  return join(home, 'door');
}

/** Opens it. Fails with `storage` when its folder cannot be kept from others, or nothing can be listened on. */
export async function openAgentDoor(
  options: AgentDoorOptions,
): Promise<Result<OpenDoor, AppError>> {
  const { clock } = options;
  const folder = doorFolder(options.home);
  const prepared = prepareFolder(folder);
  if (!prepared.ok) return prepared;

  const callers = createCallers(clock);
  const refusals = createRefusals(clock, options.refused);
  const dismissed = createEmitter<null>();
  const onChange = (listener: () => void): (() => void) => {
    const stops = [options.onChange(listener), dismissed.on(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  };
  const answer = createAnswering({ door: options.door, onChange, clock, callers, refusals });
  const path = options.socket ?? privateSocketPath(options.home, 'door', 'switchyard-door');
  const opened = await openWay(path, {
    clock,
    answer,
    prove: (text) => {
      const asked = parseProofRequest(text);
      return asked === null ? null : callers.prove(asked);
    },
    refusals,
    deadlineMs: options.deadlineMs ?? deadlineMs,
  });
  if (!opened.ok) return fail(appError('storage', `Agents cannot be let in: ${opened.error}`));
  const { way, at, close } = opened.value;

  const setClients = (clients: readonly DoorClient[]): Result<null, AppError> => {
    const isSame = (one: DoorClient, other: DoorClient): boolean =>
      one.id === other.id && one.domain === other.domain;
    const admitted = callers.clients();
    const leaving = admitted.filter((one) => !clients.some((other) => isSame(one, other)));
    for (const { id } of leaving) {
      callers.dismiss(id);
      removeAddress(folder, id);
    }
    if (leaving.length > 0) dismissed.emit(null);
    try {
      for (const client of clients)
        if (!admitted.some((one) => isSame(one, client)))
          writeAddress(folder, client.id, { at, token: callers.admit(client) });
      return ok(null);
    } catch (error) {
      return fail(appError('storage', `Agents cannot be let in: ${errorText(error)}`, true));
    }
  };

  const door: OpenDoor = {
    way,
    setClients,
    close: async () => {
      setClients([]);
      refusals.flush();
      await close();
    },
  };
  const set = setClients(options.clients);
  if (set.ok) return ok(door);
  await door.close();
  return set;
}

function prepareFolder(folder: string): Result<null, AppError> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const closed = preparePrivateFolder(join(folder, 'door.sock'));
    if (!closed.ok) return fail(appError('storage', closed.error));
    for (const name of readdirSync(folder))
      if (name.endsWith('.json') || name.endsWith('.new')) rmSync(join(folder, name)); // of an app that was killed
    return ok(null);
  } catch (error) {
    return fail(appError('storage', `${folder} cannot be used: ${errorText(error)}`));
  }
}

async function openWay(
  path: string,
  options: WayOptions,
): Promise<Result<OpenWay & { readonly way: DoorWay; readonly at: DoorAddress['at'] }, string>> {
  const socket = await openSocketWay(path, options);
  if (socket.ok) return ok({ ...socket.value, way: 'socket', at: { socket: path } });
  const http = await openHttpWay(options);
  return http.ok
    ? ok({ ...http.value, way: 'http', at: { port: http.value.port } })
    : fail(`${socket.error}; ${http.error}`);
}
