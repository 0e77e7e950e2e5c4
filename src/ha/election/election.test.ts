import { describe, expect, it } from 'vitest';

import { activeNode, aNode, byA, byB, standbyNode, timed } from '../testing/told-node.ts';
import { beatOf, nextElectionWakeMs } from './election.ts';
import { takeoverWaitMs } from './lease.ts';
import type { ElectionCommand, ElectionState, PeerMessage } from './model.ts';

describe('a first record', () => {
  const questions = (commands: readonly ElectionCommand[]) =>
    commands.flatMap((command) =>
      command.kind === 'send' && command.message.kind === 'ask-epoch' ? [command.message.id] : [],
    );

  it('is written by the primary after its peer answered a question since it saw the emptiness', () => {
    const node = aNode();
    node.isWell();
    const [id] = questions(node.reads(null));
    node.hearsBeat();
    node.at(20);
    node.hears({ kind: 'tell-epoch', id: id! - 1, maxEpoch: 3 });
    expect(node.state().op?.kind).not.toBe('swap');
    expect(node.state().maxEpoch).toBe(0);
    node.hears({ kind: 'tell-epoch', id: id!, maxEpoch: 0 });
    expect(node.swap()).toMatchObject({ expected: null, next: byA(1), cause: 'first' });
  });

  it('is asked for again with every look at the register, because questions and answers may be lost', () => {
    const node = aNode();
    node.isWell();
    const [id] = questions(node.reads(null));
    expect(questions(node.at(499))).toEqual([]);
    expect(questions(node.at(500))).toEqual([id]);
    node.reads(null);
    expect(questions(node.at(1_000))).toEqual([id]);
    node.reads(null);
    node.hears({ kind: 'tell-epoch', id: id!, maxEpoch: 0 });
    expect(node.swap().next).toEqual(byA(1));
  });

  it('needs another answer after another emptiness', () => {
    const node = aNode({ primary: 'b' });
    node.isWell();
    node.reads(null);
    node.hearsBeat({ maxEpoch: 1 });
    const waitMs = takeoverWaitMs(timed);
    const [id] = questions(node.at(waitMs));
    node.reads(byB(9, 2));
    node.at(waitMs + 500);
    node.reads(null);
    node.at(2 * waitMs + 500);
    node.readsTheSame();
    node.hears({ kind: 'tell-epoch', id: id!, maxEpoch: 2 });
    expect(node.state().op?.kind).not.toBe('swap');
    node.isToldEpoch(2);
    expect(node.swap().next.epoch).toBe(3);
  });

  it('needs another answer when the first one tells of leases that may still run', () => {
    const node = aNode();
    node.isWell();
    const [early] = questions(node.reads(null)); // this host has lost its memory, and knows of no epoch
    node.at(500);
    node.readsTheSame();
    node.hears({ kind: 'tell-epoch', id: early!, maxEpoch: 7 });
    expect(node.state().op?.kind).not.toBe('swap');
    const [id] = questions(node.at(takeoverWaitMs(timed)));
    expect(id).not.toBe(early);
    node.readsTheSame();
    node.hears({ kind: 'tell-epoch', id: early!, maxEpoch: 7 });
    expect(node.state().op?.kind).not.toBe('swap');
    node.isToldEpoch(8);
    expect(node.swap().next.epoch).toBe(9);
  });

  it('is not needed to answer a peer that asks', () => {
    const node = standbyNode();
    expect(node.hears({ kind: 'ask-epoch', id: 5 })).toContainEqual({
      kind: 'send',
      message: { kind: 'tell-epoch', id: 5, maxEpoch: 1 },
    });
  });

  it('is not written by the standby of a pair that is well', () => {
    const node = aNode({ primary: 'b' });
    node.reads(null);
    node.isWell();
    node.hearsBeat();
    expect(node.state().op?.kind).not.toBe('swap');
  });

  it('carries an epoch above all that either of them knows, after the old lease surely ran out', () => {
    const node = aNode({ primary: 'b' });
    node.reads(null);
    node.isWell();
    node.hearsBeat({ maxEpoch: 40 });
    expect(node.state().epochQuestion).toBeNull();
    node.at(takeoverWaitMs(timed));
    node.readsTheSame();
    node.isToldEpoch(41);
    expect(node.swap().next.epoch).toBe(42);
  });

  it('after a lost disk carries a counter above every one that gateways saw', () => {
    const node = activeNode();
    for (let ms = 500; ms <= 5_000; ms += 500) {
      node.at(ms);
      node.swapped();
    }
    const { ctr } = node.state().known!.record!;
    node.at(5_500);
    node.swapped('conflict');
    node.reads(null);
    expect(node.state().role).toBe('candidate');
    node.at(8_000);
    node.readsTheSame();
    node.isToldEpoch(1);
    expect(node.swap().next).toMatchObject({ epoch: 2 });
    expect(node.swap().next.ctr).toBeGreaterThan(ctr);
  });
});

describe('the holder', () => {
  it('grants its gateway the same end that it keeps itself, and renews from what it wrote', () => {
    const node = activeNode();
    expect(node.state().leaseUntilMs).toBe(1_880);
    node.at(500);
    expect(node.swap()).toMatchObject({ expected: byA(1), next: byA(2) });
    node.at(620);
    expect(node.swapped()).toContainEqual({ kind: 'grant', epoch: 1, untilMs: 2_380, seq: 2 });
  });

  it('stops at the end of its lease, whatever it waits for', () => {
    const node = activeNode();
    node.at(500);
    expect(node.at(1_879)).toEqual([]);
    expect(node.at(1_880).map(({ kind }) => kind)).toEqual(['fence', 'announce']);
    expect(node.state()).toMatchObject({ role: 'fenced', leaseUntilMs: null });
  });

  it('does not act on an answer that came after the lease it brought', () => {
    const node = aNode();
    node.reads(null);
    node.isWell();
    node.isToldEpoch();
    node.at(5_000);
    node.swapped();
    expect(node.kinds()).not.toContain('grant');
    expect(node.state().leaseUntilMs).toBeNull();
  });

  it('stops at once when somebody else was written, and reads before it writes again', () => {
    const node = activeNode();
    node.at(500);
    node.swapped('conflict');
    expect(node.kinds()).toEqual(['read-register']);
    expect(node.reads(byB(9, 2)).map(({ kind }) => kind)).toContain('fence');
    expect(node.state()).toMatchObject({ role: 'standby', leaseUntilMs: null });
  });

  it('counts a renewal without an answer from its first sending, once it is read', () => {
    const node = activeNode();
    node.at(500);
    node.swapped(); // a change was seen in this life
    node.at(1_000);
    node.at(1_400);
    node.unanswered();
    expect(node.kinds()).toContain('read-register');
    node.at(1_450);
    node.reads(byA(3));
    expect(node.state().leaseUntilMs).toBe(2_880);
  });

  it('gives the role back only after its gateway confirmed, or its grant ran out', () => {
    const node = activeNode();
    node.tell({ kind: 'health', self: 'down', peer: 'well' });
    expect(node.state().role).toBe('leaving');
    expect(node.kinds()).toEqual(['fence']);
    expect(node.at(400)).toEqual([]);
    const killed = node.at(500);
    expect(killed).toContainEqual(expect.objectContaining({ kind: 'fence', kill: true }));
    const { seq } = node.state().granted!;
    node.tell({ kind: 'gateway-fenced', seq: seq - 1 });
    node.readsTheSame();
    expect(node.state().op?.kind).not.toBe('swap');
    node.tell({ kind: 'gateway-fenced', seq });
    expect(node.swap().next).toMatchObject({ holder: 'none', epoch: 1 });
    expect(node.swapped()).toContainEqual(
      expect.objectContaining({
        kind: 'send',
        message: expect.objectContaining({ kind: 'released' }),
      }),
    );
  });

  it('gives it back without a word of the gateway when every grant has run out, an earlier life’s too', () => {
    const node = activeNode();
    node.tell({ kind: 'health', self: 'down', peer: 'well' });
    node.at(500);
    node.at(1_999);
    node.readsTheSame();
    expect(node.state().op?.kind).not.toBe('swap');
    node.at(2_000);
    expect(node.swap().next).toMatchObject({ holder: 'none' });
  });

  it('keeps the role when its peer says that it could not take it', () => {
    const node = activeNode();
    node.hearsBeat({ canTake: false });
    node.tell({ kind: 'health', self: 'down', peer: 'doubtful' });
    expect(node.state().role).toBe('active');
  });
});

describe('the standby', () => {
  it('does not take what is renewed, however ill the other looks', () => {
    const node = standbyNode();
    node.isWell('down');
    for (let ms = 1_000; ms < 20_000; ms += 500) {
      node.at(ms);
      node.reads(byB(ms / 500 + 1));
      expect(node.state().op?.kind).not.toBe('swap');
    }
    expect(node.state().role).toBe('candidate');
  });

  it('takes what stood unchanged on its own clock for a lengthened lease', () => {
    const node = standbyNode();
    node.isWell('down');
    const dueMs = 500 + takeoverWaitMs(timed);
    node.at(dueMs - 1);
    node.reads(byB(2));
    expect(node.state().op).toBeNull();
    node.at(dueMs);
    expect(node.swap()).toMatchObject({ expected: byB(2), next: byA(3, 2), cause: 'peer-down' });
  });

  it('has seen nothing yet after its own start, and waits the whole time', () => {
    const node = aNode();
    node.at(50);
    node.reads(byB(77));
    node.isWell('down');
    node.at(2_000);
    node.reads(byB(77));
    expect(node.state().op).toBeNull();
    node.at(50 + takeoverWaitMs(timed));
    expect(node.swap().cause).toBe('peer-down');
  });

  it('takes at once what the other gave back', () => {
    const node = standbyNode();
    node.hears({ kind: 'released', record: { ...byB(3), holder: 'none' } });
    expect(node.swap()).toMatchObject({ next: byA(4, 2), cause: 'peer-released' });
  });

  it('does not believe a release that is older than what it read', () => {
    const node = standbyNode();
    node.hears({ kind: 'released', record: { ...byB(1), holder: 'none' } });
    expect(node.state().known?.record).toEqual(byB(2));
  });

  it('reads before it repeats a swap that was refused', () => {
    const node = standbyNode();
    node.hears({ kind: 'released', record: { ...byB(3), holder: 'none' } });
    node.swapped('conflict');
    expect(node.kinds()).toEqual(['read-register']);
  });

  it('does not take what was never seen ill', () => {
    const node = standbyNode();
    node.at(60_000);
    node.reads(byB(2));
    expect(node.state().role).toBe('standby');
  });
});

describe('the promise to stand still', () => {
  const extend: PeerMessage = { kind: 'extend', id: 7, epoch: 1 };

  it('is given by a standby that knows the holder, and kept even against force', () => {
    const node = standbyNode();
    node.at(1_500);
    node.readsTheSame();
    expect(node.hears(extend)).toContainEqual({
      kind: 'send',
      message: { kind: 'extended', id: 7, epoch: 1 },
    });
    node.isWell('down');
    const endMs = 1_500 + takeoverWaitMs(timed);
    node.at(endMs - 1);
    node.readsTheSame();
    node.tell({ kind: 'operator', request: 'force' });
    expect(node.state().op?.kind).not.toBe('swap');
    node.at(endMs);
    node.readsTheSame();
    expect(node.swap().cause).toBe('peer-down');
  });

  it.each([
    [
      'that has seen no change of the register in this life',
      () => {
        const node = aNode();
        node.reads(byB(1));
        node.isWell();
        node.hearsBeat({ maxEpoch: 1 });
        return node;
      },
    ],
    [
      'whose own swap may still happen',
      () => {
        const node = standbyNode();
        node.hears({ kind: 'released', record: { ...byB(3), holder: 'none' } });
        return node;
      },
    ],
    [
      'whose own swap was not answered',
      () => {
        const node = standbyNode();
        node.hears({ kind: 'released', record: { ...byB(3), holder: 'none' } });
        node.unanswered();
        return node;
      },
    ],
    [
      'that knows a higher epoch',
      () => {
        const node = standbyNode();
        node.hearsBeat({ maxEpoch: 2 });
        return node;
      },
    ],
    ['that is active itself', () => activeNode()],
  ])('is not given by a node %s', (_words, make) => {
    const node = make();
    node.hears(extend);
    expect(node.kinds()).not.toContain('send');
  });

  it('lets the holder go on for one lease from when it asked, and no longer', () => {
    const node = activeNode();
    node.at(500);
    node.unanswered();
    const asked = node.state().extension;
    expect(asked).not.toBeNull();
    node.at(900);
    node.hears({ kind: 'extended', id: asked!.id + 9, epoch: 1 });
    expect(node.state().leaseUntilMs).toBe(1_880);
    node.hears({ kind: 'extended', id: asked!.id, epoch: 1 });
    expect(node.state()).toMatchObject({ leaseUntilMs: 500 + 1_880, keptByPeer: true });
    expect(node.at(2_380).map(({ kind }) => kind)).toContain('fence');
  });
});

describe('a lock', () => {
  const held = { lease: { kind: 'held' } } as const;

  it('is tried without a wait, and a live owner keeps it; it is not tried again at once', () => {
    const node = aNode(held);
    node.reads(byB(1));
    node.isWell('down');
    expect(node.swap().cause).toBe('peer-down');
    node.swapped('held');
    expect(node.state().op?.kind).not.toBe('swap');
    expect(node.state().role).not.toBe('taking');
  });

  it('is taken again by a gateway whose connection broke', () => {
    const node = activeNode(held);
    node.at(1_000);
    node.readsTheSame();
    node.tell({ kind: 'gateway-lost' });
    expect(node.swap()).toMatchObject({ expected: byA(1), next: byA(2), cause: 'resumed' });
  });

  it('does not end by itself', () => {
    const node = activeNode(held);
    node.at(86_400_000);
    expect(node.state().role).toBe('active');
  });
});

describe('when a node wants to be called', () => {
  it('is never in the past, and its own lease end is among it', () => {
    const node = activeNode();
    expect(nextElectionWakeMs(node.state(), 0)).toBe(500);
    node.at(500); // the renewal is under way
    expect(nextElectionWakeMs(node.state(), 500)).toBe(1_880);
  });
});

describe('what a node tells its peer', () => {
  it('is that it can take over only when it is well and knows what the register says', () => {
    const says = (state: ElectionState) => beatOf(state, { turnOkAgoMs: null, wantsTurn: false });
    const node = aNode();
    expect(says(node.state())).toMatchObject({ canTake: false, role: 'starting', self: 'unknown' });
    node.reads(byB(1));
    node.isWell();
    expect(says(node.state())).toMatchObject({ canTake: true, role: 'standby', maxEpoch: 1 });
    node.at(1_000);
    node.unread();
    expect(says(node.state())).toMatchObject({ canTake: false });
  });
});

describe('a register that goes back', () => {
  it('is not believed, and is told once', () => {
    const node = standbyNode();
    node.at(1_000);
    const told = node.reads(byB(1));
    expect(told).toContainEqual({
      kind: 'announce',
      what: { code: 'register-went-back', seen: 1, known: 1 },
    });
    node.at(1_500);
    expect(node.reads(byB(1))).toEqual([]);
    expect(node.state().known?.record).toEqual(byB(2));
    node.isWell('down');
    node.at(60_000);
    node.reads(byB(1));
    expect(node.state().op?.kind).not.toBe('swap');
  });
});
