import { describe, expect, test } from 'vitest';

import { readHistory, readSessions } from './rows.ts';
import { emptyTranscript, reduceTranscript, transcriptChange } from './transcript.ts';
import type { DurableMessage, Transcript, TranscriptInput } from './transcript.ts';

const because = { code: 'bound', name: 'Home' } as const;

function after(...inputs: readonly TranscriptInput[]): Transcript {
  return inputs.reduce(reduceTranscript, emptyTranscript);
}

function row(change: Partial<DurableMessage>): DurableMessage {
  return {
    id: 'row',
    role: 'user',
    text: 'hello',
    atMs: 10,
    runId: null,
    idempotencyKey: null,
    because: null,
    ...change,
  };
}

const sent: TranscriptInput = { kind: 'sent', id: 'k1', text: 'hello', because, atMs: 5 };
const streamed = (text: string): TranscriptInput => ({
  kind: 'streamed',
  runId: 'k1',
  text,
  atMs: 20,
});
const recordedAnswer = (id: string, text: string): TranscriptInput => ({
  kind: 'recorded',
  message: row({ id, role: 'assistant', text, runId: 'k1', atMs: 30 }),
});
const ended = (text = ''): TranscriptInput => ({
  kind: 'ended',
  runId: 'k1',
  outcome: 'done',
  text,
  atMs: 40,
});

const texts = (transcript: Transcript): string[] =>
  transcript.messages.map(({ role, text, status }) => `${role}/${status}: ${text}`);

describe('a conversation', () => {
  test('a message of ours and the row it becomes are one, and keep their reason', () => {
    const transcript = after(sent, {
      kind: 'recorded',
      message: row({ id: 'row-1', idempotencyKey: 'k1' }),
    });
    expect(texts(transcript)).toEqual(['user/done: hello']);
    expect(transcript.messages[0]).toMatchObject({ id: 'k1', because });
  });

  test('a streaming answer becomes its row without doubling, in either order of row and last delta', () => {
    expect(
      texts(
        after(sent, streamed('Ec'), streamed('Echo'), recordedAnswer('a1', 'Echo'), ended('Echo')),
      ),
    ).toEqual(['user/done: hello', 'assistant/done: Echo']);
    expect(
      texts(
        after(sent, streamed('Ec'), recordedAnswer('a1', 'Echo'), streamed('Echo'), ended('Echo')),
      ),
    ).toEqual(['user/done: hello', 'assistant/done: Echo']);
    expect(texts(after(sent, streamed('Ec'), ended('Echo'), recordedAnswer('a1', 'Echo')))).toEqual(
      ['user/done: hello', 'assistant/done: Echo'],
    );
  });

  test('two answers of one run are two messages', () => {
    const transcript = after(
      sent,
      streamed('One'),
      recordedAnswer('a1', 'One'),
      streamed('Two'),
      recordedAnswer('a2', 'Two'),
      ended('Two'),
    );
    expect(texts(transcript)).toEqual([
      'user/done: hello',
      'assistant/done: One',
      'assistant/done: Two',
    ]);
  });

  test('a stream that tells all answers of a run again adds nothing that is a row already', () => {
    const rows = [recordedAnswer('a1', 'One'), recordedAnswer('a2', 'Two')];
    const expected = ['user/done: hello', 'assistant/done: One', 'assistant/done: Two'];
    expect(
      texts(after(sent, streamed('On'), ...rows, streamed('One\n\nTw'), ended('One\n\nTwo'))),
    ).toEqual(expected);
    expect(texts(after(sent, ...rows, streamed('OneTwo'), streamed('One')))).toEqual(expected);
    expect(texts(after(sent, ...rows, streamed('One\nTwo\nThree')))).toEqual([
      ...expected,
      'assistant/streaming: Three',
    ]);
  });

  test('a row that comes twice, by history and as an event, is there once', () => {
    const history: TranscriptInput = {
      kind: 'history',
      messages: [
        row({ id: 'r1', idempotencyKey: 'k1' }),
        row({ id: 'a1', role: 'assistant', text: 'Echo', runId: 'k1', atMs: 30 }),
      ],
      inFlight: null,
      atMs: 50,
    };
    expect(texts(after(history, recordedAnswer('a1', 'Echo')))).toEqual([
      'user/done: hello',
      'assistant/done: Echo',
    ]);
  });

  test('history replaces what was shown, but not what only we know: a message that is still on its way', () => {
    const transcript = after(sent, {
      kind: 'history',
      messages: [row({ id: 'old', text: 'earlier', atMs: 1 })],
      inFlight: null,
      atMs: 50,
    });
    expect(texts(transcript)).toEqual(['user/done: earlier', 'user/done: hello']);
  });

  test('an answer in flight is picked up again after a reconnect', () => {
    const transcript = after({
      kind: 'history',
      messages: [row({ id: 'r1', idempotencyKey: 'k1' })],
      inFlight: { runId: 'k1', text: 'Ec' },
      atMs: 50,
    });
    expect(transcript.runId).toBe('k1');
    expect(texts(transcript)).toEqual(['user/done: hello', 'assistant/streaming: Ec']);
  });

  test('a failover keeps the screen; the new gateway’s history comes beside it', () => {
    const transcript = after(
      sent,
      recordedAnswer('a1', 'Echo'),
      { kind: 'moved' },
      {
        kind: 'history',
        messages: [row({ id: 'b1', text: 'new', idempotencyKey: 'k2', atMs: 70 })],
        inFlight: null,
        atMs: 80,
      },
    );
    expect(texts(transcript)).toEqual([
      'user/done: hello',
      'assistant/done: Echo',
      'user/done: new',
    ]);
  });

  test('an answer that was cut goes on as the same message, at the time the other gateway gave it', () => {
    const cut = after(sent, streamed('Echo: one'), { kind: 'moved' });
    expect(texts(cut)).toEqual(['user/done: hello', 'assistant/interrupted: Echo: one']);
    expect(cut.runId).toBeNull();
    const again = (text: string) =>
      reduceTranscript(cut, { kind: 'streamed', runId: 'k1', text, atMs: 70 });
    expect(texts(again('Echo'))).toEqual(['user/done: hello', 'assistant/streaming: Echo: one']);
    expect(again('Echo').messages[1]).toMatchObject({ id: 'k1#0', atMs: 70 });
    expect(texts(again('Echo: one two'))[1]).toBe('assistant/streaming: Echo: one two');
    expect(texts(again('Other'))[1]).toBe('assistant/streaming: Other');
  });

  test('an error keeps what had come and adds the reason; a stop keeps what had come', () => {
    expect(
      texts(
        after(sent, streamed('Ec'), {
          kind: 'ended',
          runId: 'k1',
          outcome: 'error',
          text: 'model is away',
          atMs: 40,
        }),
      ),
    ).toEqual(['user/done: hello', 'assistant/error: Ec', 'assistant/error: model is away']);
    const stopped = after(sent, streamed('Ec'), {
      kind: 'ended',
      runId: 'k1',
      outcome: 'stopped',
      text: '',
      atMs: 40,
    });
    expect(texts(stopped)).toEqual(['user/done: hello', 'assistant/stopped: Ec']);
    expect(stopped.runId).toBeNull();
  });
});

describe('what a view is told', () => {
  test('only what changed', () => {
    const before = after(sent, streamed('E'));
    const next = reduceTranscript(before, streamed('Ec'));
    expect(transcriptChange(before, next)).toMatchObject({
      reset: false,
      upsert: [{ id: 'k1#0', text: 'Ec' }],
    });
  });

  test('everything, when a message went away or came in between', () => {
    const before = after(sent, streamed('E'));
    expect(
      transcriptChange(before, reduceTranscript(before, { kind: 'withdrawn', id: 'k1' })).reset,
    ).toBe(true);
    const earlier = reduceTranscript(before, {
      kind: 'history',
      messages: [row({ id: 'old', text: 'earlier', atMs: 1 })],
      inFlight: null,
      atMs: 50,
    });
    expect(transcriptChange(before, earlier).reset).toBe(true);
  });
});

describe('a gateway that tells too much', () => {
  const many = 5_000;
  const sizes = ({ messages, recorded, segments, carried }: Transcript): number[] => [
    messages.length,
    recorded.size,
    segments.size,
    carried.size,
  ];
  const bound = (transcript: Transcript): void => {
    for (const size of sizes(transcript)) expect(size).toBeLessThanOrEqual(1_500);
  };

  test('a long history is cut to its newest rows when it is read', () => {
    const rows = Array.from({ length: 40_000 }, (_, index) => ({
      role: 'user',
      content: `row ${index}`,
      __openclaw: { id: `r${index}` },
    }));
    const { messages } = readHistory({ messages: rows });
    expect(messages).toHaveLength(200);
    expect(messages.at(-1)?.text).toBe('row 39999');
    const sessions = Array.from({ length: 40_000 }, (_, index) => ({ key: `s${index}` }));
    expect(readSessions({ sessions })).toHaveLength(60);
  });

  test('rows in one history, each of a run of its own', () => {
    const messages = Array.from({ length: many }, (_, index) =>
      row({ id: `a${index}`, role: 'assistant', text: `${index}`, runId: `run${index}`, atMs: 1 }),
    );
    const transcript = after({ kind: 'history', messages, inFlight: null, atMs: 1 });
    bound(transcript);
    expect(transcript.messages.at(-1)?.text).toBe(`${many - 1}`);
  });

  test('rows as events, each of a run of its own; what is still shown is not shown twice', () => {
    const last = row({ id: 'last', role: 'assistant', text: 'last', runId: 'last' });
    let transcript = emptyTranscript;
    for (let index = 0; index < many; index += 1) {
      const message = row({ id: `a${index}`, role: 'assistant', runId: `run${index}` });
      transcript = reduceTranscript(transcript, { kind: 'recorded', message });
    }
    bound(transcript);
    transcript = reduceTranscript(transcript, { kind: 'recorded', message: last });
    expect(reduceTranscript(transcript, { kind: 'recorded', message: last })).toBe(transcript);
  });

  test('rows that all claim to be one message of ours', () => {
    let transcript = emptyTranscript;
    for (let index = 0; index < many; index += 1) {
      const message = row({ id: `r${index}`, idempotencyKey: 'k1' });
      transcript = reduceTranscript(transcript, { kind: 'recorded', message });
    }
    bound(transcript);
    expect(texts(transcript)).toEqual(['user/done: hello']);
  });

  test('errors of runs that never were', () => {
    let transcript = emptyTranscript;
    for (let index = 0; index < many; index += 1) {
      const ending = { kind: 'ended', runId: `x${index}`, outcome: 'error' } as const;
      transcript = reduceTranscript(transcript, { ...ending, text: 'no', atMs: index });
    }
    bound(transcript);
  });

  test('what another gateway had is forgotten together with its messages', () => {
    let transcript = after(sent, { kind: 'moved' });
    expect(transcript.carried.size).toBe(1);
    for (let index = 0; index < 1_600; index += 1) {
      const message = row({ id: `r${index}` });
      transcript = reduceTranscript(transcript, { kind: 'recorded', message });
    }
    expect(transcript.carried.size).toBe(0);
  });

  test('a run called like a part of every object is a run like any other', () => {
    const message = row({ id: 'a1', role: 'assistant', text: 'Echo', runId: 'constructor' });
    expect(after({ kind: 'recorded', message }).messages[0]?.id).toBe('constructor#0');
  });
});
