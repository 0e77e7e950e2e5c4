import { expect } from 'vitest';

import { createElection, reduceElection } from '../election/election.ts';
import type {
  ElectionCommand,
  ElectionConfig,
  ElectionEvent,
  ElectionState,
  LeaseTerms,
  PeerMessage,
} from '../election/model.ts';
import type { RegisterRecord } from '../model.ts';

export const timed: LeaseTerms = {
  kind: 'timed',
  leaseMs: 2_000,
  renewEveryMs: 500,
  rateError: 0.01,
  marginMs: 100,
};

/** One node, told what happens step by step; `id` of the register operation in flight is filled in. */
export function aNode(change: Partial<ElectionConfig> = {}) {
  const config: ElectionConfig = {
    self: 'a',
    peer: 'b',
    addr: 'ws://a',
    primary: 'a',
    lease: timed,
    preempt: null,
    drainMs: 10_000,
    fenceMs: 500,
    yieldMs: 10_000,
    peerFreshMs: 2_000,
    retryMs: 250,
    ...change,
  };
  let state = createElection(config, 0);
  let nowMs = 0;
  let commands: readonly ElectionCommand[] = [];
  const tell = (event: ElectionEvent): readonly ElectionCommand[] => {
    const step = reduceElection(state, event, nowMs);
    state = step.state;
    commands = step.commands;
    return commands;
  };
  const node = {
    state: (): ElectionState => state,
    nowMs: () => nowMs,
    tell,
    at: (ms: number) => {
      nowMs = ms;
      return tell({ kind: 'tick' });
    },
    reads: (record: RegisterRecord | null) =>
      tell({
        kind: 'read',
        id: state.op?.id ?? -1,
        result: record === null ? { kind: 'empty' } : { kind: 'found', record },
      }),
    unread: () =>
      tell({
        kind: 'read',
        id: state.op?.id ?? -1,
        result: { kind: 'unreadable', detail: 'no answer' },
      }),
    swapped: (kind: 'swapped' | 'conflict' | 'held' = 'swapped') =>
      tell({ kind: 'swapped', id: state.op?.id ?? -1, result: { kind } }),
    unanswered: () =>
      tell({
        kind: 'swapped',
        id: state.op?.id ?? -1,
        result: { kind: 'unknown', detail: 'no answer' },
      }),
    hears: (message: PeerMessage) => tell({ kind: 'heard', message }),
    hearsBeat: (beat: Partial<Extract<PeerMessage, { kind: 'beat' }>> = {}) =>
      tell({
        kind: 'heard',
        message: {
          kind: 'beat',
          maxEpoch: 0,
          role: 'standby',
          canTake: true,
          self: 'well',
          hold: { on: false, serial: 0 },
          turnOkAgoMs: 0,
          wantsTurn: false,
          asksForRole: false,
          ...beat,
        },
      }),
    /** The peer answers the question of the moment. */
    isToldEpoch: (maxEpoch = 0) =>
      tell({
        kind: 'heard',
        message: { kind: 'tell-epoch', id: state.epochQuestion?.id ?? -1, maxEpoch },
      }),
    isWell: (peer: 'well' | 'down' = 'well') => tell({ kind: 'health', self: 'well', peer }),
    swap: () => {
      const { op } = state;
      if (op?.kind !== 'swap') throw new Error('no swap is under way');
      return op;
    },
    /** The register still says what is known, if it was asked. */
    readsTheSame: () => {
      if (state.op?.kind === 'read') node.reads(state.known?.record ?? null);
    },
    kinds: () => commands.map(({ kind }) => kind),
  };
  node.at(0);
  return node;
}

export const byA = (ctr: number, epoch = 1): RegisterRecord => ({
  epoch,
  holder: 'a',
  ctr,
  addr: 'ws://a',
});
export const byB = (ctr: number, epoch = 1): RegisterRecord => ({
  epoch,
  holder: 'b',
  ctr,
  addr: 'ws://b',
});

/** Active in epoch 1 since 0 ms. */
export function activeNode(change: Partial<ElectionConfig> = {}) {
  const node = aNode(change);
  node.reads(null);
  node.isWell();
  node.hearsBeat();
  node.isToldEpoch();
  node.swapped();
  expect(node.state().role).toBe('active');
  return node;
}

/** Standby under b's epoch 1, which it saw being renewed once. */
export function standbyNode(change: Partial<ElectionConfig> = {}) {
  const node = aNode(change);
  node.reads(byB(1));
  node.isWell();
  node.at(500);
  node.reads(byB(2));
  node.hearsBeat({ role: 'active', maxEpoch: 1 });
  expect(node.state().role).toBe('standby');
  return node;
}
