// One of two guardians that want the same epoch: a thread with its own event loop and socket, so that the two really meet
// at the server. Both wait at one barrier and are let go together.
import { parentPort, workerData } from 'node:worker_threads';

import type { RegisterRecord, RegisterSwap } from '../../src/ha/model.ts';
import type { OpenDatagrams } from '../../src/ha/register/exchange.ts';
import { openUdp } from '../../src/ha/register/wire.node.ts';
import { registerInBind } from './open-in-bind.ts';
import type { BindPlace } from './open-in-bind.ts';

export interface ContenderData {
  readonly bind: BindPlace;
  readonly name: string;
  /** The round that may begin. */
  readonly barrier: Int32Array;
}

export interface ContenderTask {
  readonly round: number;
  readonly expected: RegisterRecord | null;
  readonly next: RegisterRecord;
}

export type ContenderNews =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'done';
      readonly result: RegisterSwap;
      readonly tookMs: number;
      /** The packet that was sent last, to be sent again later. */
      readonly packet: Uint8Array | null;
    };

const { bind, name, barrier } = workerData as ContenderData;
const updateOpcode = 5;
let packet: Uint8Array | null = null;
const openRecorded: OpenDatagrams = (to, listener) => {
  const channel = openUdp(to, listener);
  return {
    ...channel,
    send: (bytes) => {
      if (((bytes[2] ?? 0) >> 3) % 16 === updateOpcode) packet = bytes.slice();
      channel.send(bytes);
    },
  };
};
const register = registerInBind(bind, name, openRecorded);
const tell = (news: ContenderNews): void => parentPort?.postMessage(news);

parentPort?.on('message', ({ round, expected, next }: ContenderTask) => {
  tell({ kind: 'ready' });
  for (let open = Atomics.load(barrier, 0); open < round; open = Atomics.load(barrier, 0))
    Atomics.wait(barrier, 0, open);
  const begunMs = performance.now();
  void register.compareAndSwap(expected, next).then((result) => {
    tell({ kind: 'done', result, tookMs: performance.now() - begunMs, packet });
  });
});
