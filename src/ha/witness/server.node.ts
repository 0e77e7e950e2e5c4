/**
 * A witness on the network.
 *
 * Invariants
 * 1. A packet that does not authenticate is answered by nothing: no oracle, no amplifier; it is counted and told.
 * 2. One witness per state folder: a lock that the kernel frees is held from before the first packet to the end.
 * 3. The store is asked in the order that the reducer of each pair wants.
 */
import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';
import { mkdirSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';

import { createLifetime, errorText, fail, ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import type { RegisterRecord, StartFailure } from '../model.ts';
import type { Hmac } from '../register/tsig.ts';
import type { WitnessRequest } from './model.ts';
import { fileStore } from './store.node.ts';
import type { WitnessStore } from './store.node.ts';
import { decodeRequest, encodeReply, pairOf } from './wire.ts';
import { createWitness, reduceWitness } from './witness.ts';
import type { WitnessCommand, WitnessEvent } from './witness.ts';

export type WitnessNews =
  /** The role changed hands; renewals are no news. */
  | {
      readonly kind: 'swapped';
      readonly pair: string;
      readonly epoch: number;
      readonly holder: string;
    }
  | { readonly kind: 'trouble'; readonly pair: string; readonly detail: string }
  /** Packets that did not authenticate since the last time this was told. */
  | {
      readonly kind: 'refused';
      readonly from: string;
      readonly detail: string;
      readonly count: number;
    };

export interface WitnessOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly stateDir: string;
  /** The key of each pair by its id. */
  readonly keys: ReadonlyMap<string, Hmac>;
  readonly clock: Clock;
  readonly onNews: (news: WitnessNews) => void;
  /** Replaces the files in tests. */
  readonly store?: WitnessStore;
}

export interface Witness {
  /** Where it listens; the port is the system's choice where 0 was asked for. */
  readonly port: number;
  stop(): Promise<void>;
}

const refusalPauseMs = 60_000;

/** Starts a witness. */
export async function startWitness(
  options: WitnessOptions,
): Promise<Result<Witness, StartFailure>> {
  const lifetime = createLifetime();
  const locked = lockFolder(options.stateDir);
  if (!locked.ok) return locked;
  lifetime.add(locked.value);
  const saves = new Set<Promise<void>>();
  // Before the lock is given up: a write in flight is still ours.
  lifetime.add(async () => {
    await Promise.allSettled(saves);
  });
  const { host, port } = options.listen;
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const bound = await new Promise<Error | null>((resolve) => {
    socket.once('error', resolve);
    socket.bind({ port, address: host, exclusive: true }, () => resolve(null));
  });
  if (bound !== null) {
    await lifetime.stop();
    return fail(bindFailure(bound, host, port));
  }
  let isOpen = true;
  lifetime.add(() => {
    isOpen = false;
    socket.close();
  });
  // Errors of single packets (a client that went away) concern nobody: the client asks again.
  socket.on('error', () => undefined);

  const store = trackSaves(options.store ?? fileStore(options.stateDir), saves);
  const refusals = tellRefusals(options);
  const pairs = new Map(
    [...options.keys].map(([pair, hmac]) => {
      const send = (bytes: Uint8Array, to: RemoteInfo): void => {
        if (isOpen) socket.send(bytes, to.port, to.address, () => undefined);
      };
      return [pair, { hmac, serve: servePair(pair, hmac, store, send, options.onNews) }];
    }),
  );
  socket.on('message', (data, from) => {
    const packet = new Uint8Array(data);
    const pair = pairs.get(pairOf(packet) ?? '');
    if (pair === undefined) {
      refusals(from, 'no pair of this witness');
      return;
    }
    const request = decodeRequest(packet, pair.hmac);
    if (!request.ok) refusals(from, request.error);
    else pair.serve(request.value, from);
  });
  return ok({
    port: socket.address().port,
    stop: async () => {
      await lifetime.stop();
    },
  });
}

function servePair(
  pair: string,
  hmac: Hmac,
  store: WitnessStore,
  send: (bytes: Uint8Array, to: RemoteInfo) => void,
  onNews: (news: WitnessNews) => void,
) {
  let state = createWitness();
  let lastTold: RegisterRecord | null = null;
  let nextTicket = 0;
  const clients = new Map<number, { readonly nonce: string; readonly from: RemoteInfo }>();

  const dispatch = (event: WitnessEvent): void => {
    const step = reduceWitness(state, event);
    state = step.state;
    for (const command of step.commands) carryOut(command);
    if (state.waiting.length === 0 && state.work === null) clients.clear();
  };
  const carryOut = (command: WitnessCommand): void => {
    switch (command.kind) {
      case 'load':
        void store.load(pair).then((result) => {
          if (result.kind === 'unreadable')
            onNews({ kind: 'trouble', pair, detail: result.detail });
          dispatch({ kind: 'loaded', result });
        });
        return;
      case 'save':
        void save(command.record);
        return;
      case 'reply': {
        const client = clients.get(command.ticket);
        clients.delete(command.ticket);
        if (client === undefined) return;
        const reply = { nonce: client.nonce, answer: command.answer };
        const bytes = encodeReply(pair, reply, hmac);
        if (bytes !== null) send(bytes, client.from);
      }
    }
  };
  const save = async (record: RegisterRecord): Promise<void> => {
    try {
      await store.save(pair, record);
    } catch (error) {
      const detail = `the record could not be saved (${errorText(error)}); free or repair the disk`;
      onNews({ kind: 'trouble', pair, detail });
      dispatch({ kind: 'save-failed', detail });
      return;
    }
    dispatch({ kind: 'saved' });
    if (lastTold?.epoch !== record.epoch || lastTold.holder !== record.holder)
      onNews({ kind: 'swapped', pair, epoch: record.epoch, holder: record.holder });
    lastTold = record;
  };

  return (request: WitnessRequest, from: RemoteInfo): void => {
    const ticket = nextTicket;
    nextTicket += 1;
    clients.set(ticket, { nonce: request.nonce, from });
    dispatch({ kind: 'request', ticket, request });
  };
}

/** Tells what was refused: the first time at once, then at most once a minute, so that nobody can fill the log. */
function tellRefusals({ clock, onNews }: WitnessOptions) {
  let count = 0;
  let quietUntilMs = -Infinity;
  return (from: RemoteInfo, detail: string): void => {
    count += 1;
    if (clock.bootMs() < quietUntilMs) return;
    onNews({ kind: 'refused', from: from.address, detail, count });
    count = 0;
    quietUntilMs = clock.bootMs() + refusalPauseMs;
  };
}

function lockFolder(stateDir: string): Result<() => void, StartFailure> {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const release = takeExclusiveLock(join(stateDir, 'witness.lock'));
    if (release !== null) return ok(release);
    return fail({
      code: 'running',
      words: `another witness uses ${stateDir}; end it, or name another stateDir`,
    });
  } catch (error) {
    return fail({
      code: 'cannot-create',
      words: `the folder ${stateDir} cannot be used (${errorText(error)}); correct stateDir or its permissions`,
    });
  }
}

function bindFailure(error: Error, host: string, port: number): StartFailure {
  const place = `${host} port ${port}`;
  return 'code' in error && error.code === 'EADDRINUSE'
    ? { code: 'running', words: `${place} is taken; end what uses it, or name another port` }
    : {
        code: 'cannot-create',
        words: `it cannot listen on ${place} (${errorText(error)}); name an address of this machine`,
      };
}

function trackSaves(store: WitnessStore, saves: Set<Promise<void>>): WitnessStore {
  return {
    ...store,
    save: async (pair, record) => {
      const save = store.save(pair, record);
      saves.add(save);
      try {
        await save;
      } finally {
        saves.delete(save);
      }
    },
  };
}
