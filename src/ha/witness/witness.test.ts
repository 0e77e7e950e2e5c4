import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { RegisterRecord } from '../model.ts';
import type { WitnessAnswer, WitnessRequest } from './model.ts';
import { createWitness, reduceWitness } from './witness.ts';
import type { WitnessCommand, WitnessEvent, WitnessState } from './witness.ts';

const first: RegisterRecord = { epoch: 1, holder: 'home-a', ctr: 1, addr: '' };
const second: RegisterRecord = { epoch: 2, holder: 'home-b', ctr: 2, addr: '' };
const read = (nonce = 'n'): WitnessRequest => ({ op: 'read', nonce });
const swap = (expected: RegisterRecord | null, next: RegisterRecord): WitnessRequest => ({
  op: 'swap',
  nonce: 'n',
  expected,
  next,
});

function run(...events: readonly WitnessEvent[]): {
  state: WitnessState;
  last: readonly WitnessCommand[];
} {
  let state = createWitness();
  let last: readonly WitnessCommand[] = [];
  for (const event of events) ({ state, commands: last } = reduceWitness(state, event));
  return { state, last };
}

const ask = (ticket: number, request: WitnessRequest): WitnessEvent => ({
  kind: 'request',
  ticket,
  request,
});
const empty: WitnessEvent = { kind: 'loaded', result: { kind: 'empty' } };
const loadedFirst: WitnessEvent = { kind: 'loaded', result: { kind: 'found', record: first } };
const saved: WitnessEvent = { kind: 'saved' };
const full: WitnessEvent = { kind: 'save-failed', detail: 'disk full' };

describe('the register of a pair at a witness', () => {
  it('says nothing before it has read its store, and invents nothing', () => {
    expect(run(ask(1, read())).last).toEqual([{ kind: 'load' }]);
    expect(run(ask(1, read()), empty).last).toEqual([
      { kind: 'reply', ticket: 1, answer: { kind: 'empty' } },
    ]);
  });

  it('makes what it found durable before it shows it: a killed predecessor may not have', () => {
    expect(run(ask(1, read()), loadedFirst).last).toEqual([{ kind: 'save', record: first }]);
    expect(run(ask(1, read()), loadedFirst, saved).last).toEqual([
      { kind: 'reply', ticket: 1, answer: { kind: 'found', record: first } },
    ]);
  });

  it('says swapped only after it is saved, and lets nobody see the new record before', () => {
    expect(run(ask(1, swap(null, first)), empty).last).toEqual([{ kind: 'save', record: first }]);
    expect(run(ask(1, swap(null, first)), empty, ask(2, read())).last).toEqual([]);
    expect(run(ask(1, swap(null, first)), empty, ask(2, read()), saved).last).toEqual([
      { kind: 'reply', ticket: 1, answer: { kind: 'swapped' } },
      { kind: 'reply', ticket: 2, answer: { kind: 'found', record: first } },
    ]);
  });

  it('acknowledges nothing that could not be saved, and reads again what is there', () => {
    const failed = [ask(1, swap(null, first)), empty, full] as const;
    expect(run(...failed).last).toEqual([
      { kind: 'reply', ticket: 1, answer: { kind: 'failed', detail: 'disk full' } },
    ]);
    expect(run(...failed, ask(2, read())).last).toEqual([{ kind: 'load' }]);
    // The rename may have happened although the folder could not be synced.
    expect(run(...failed, ask(2, read()), loadedFirst).last).toEqual([
      { kind: 'save', record: first },
    ]);
  });

  it('answers everybody who waits when the store fails, and goes on', () => {
    const events = [
      ask(1, swap(null, first)),
      empty,
      ask(2, read()),
      ask(3, read()),
      full,
    ] as const;
    expect(run(...events).last.map((command) => 'ticket' in command && command.ticket)).toEqual([
      1, 2, 3,
    ]);
    expect(run(...events).state).toEqual(createWitness());
  });

  it('tells a damaged store, and does not write over it', () => {
    const damaged = { kind: 'unreadable', detail: 'damaged' } as const;
    expect(run(ask(1, swap(null, first)), { kind: 'loaded', result: damaged }).last).toEqual([
      { kind: 'reply', ticket: 1, answer: damaged },
    ]);
  });

  it('refuses an old swap and says what it holds', () => {
    const events = [ask(1, swap(null, first)), empty, saved, ask(2, swap(first, second))] as const;
    expect(run(...events, saved, ask(3, swap(first, second))).last).toEqual([
      { kind: 'reply', ticket: 3, answer: { kind: 'conflict', held: second } },
    ]);
  });

  it('holds only so many who wait', () => {
    const many = Array.from({ length: 100 }, (_, index) => ask(index, read()));
    expect(run(...many).state.waiting).toHaveLength(64);
  });

  it('never says two different things, whatever comes in whatever order (random)', () => {
    const records = Array.from({ length: 4 }, (_, index) => ({ ...first, ctr: index + 1 }));
    const value = fc.constantFrom(null, ...records);
    const requests = fc.oneof(
      fc.constant(read()),
      fc
        .record({ expected: value, next: fc.constantFrom(...records) })
        .map((wish) => swap(wish.expected, wish.next)),
    );
    /** What the store does next, if it has something to do: `torn` failed after the rename. */
    const acts = fc.constantFrom('work', 'fail', 'torn', 'crash' as const);
    fc.assert(
      fc.property(fc.array(fc.oneof(requests, acts), { maxLength: 60 }), (steps) => {
        let state = createWitness();
        let onDisk: RegisterRecord | null = null;
        let written = 0;
        const pending: WitnessCommand[] = [];
        const answers: WitnessAnswer[] = [];
        const take = (event: WitnessEvent): void => {
          const step = reduceWitness(state, event);
          state = step.state;
          for (const command of step.commands) {
            if (command.kind === 'reply') {
              answers.push(command.answer);
              // Whatever is said about the register is what the disk holds.
              if (command.answer.kind === 'found') expect(command.answer.record).toEqual(onDisk);
              if (command.answer.kind === 'empty') expect(onDisk).toBeNull();
            } else pending.push(command);
          }
          expect(pending.length).toBeLessThanOrEqual(1);
        };
        steps.forEach((step, ticket) => {
          if (typeof step !== 'string') {
            take(ask(ticket, step));
            return;
          }
          if (step === 'crash') {
            state = createWitness();
            pending.length = 0;
            return;
          }
          const command = pending.shift();
          if (command?.kind === 'load')
            take({
              kind: 'loaded',
              result: onDisk === null ? { kind: 'empty' } : { kind: 'found', record: onDisk },
            });
          if (command?.kind === 'save') {
            if (step !== 'fail') onDisk = command.record;
            if (step === 'work') written += 1;
            take(step === 'work' ? saved : full);
          }
        });
        // A swap is acknowledged at most as often as the disk took a record.
        const swapped = answers.filter((answer) => answer.kind === 'swapped').length;
        expect(swapped).toBeLessThanOrEqual(written);
      }),
    );
  });
});
