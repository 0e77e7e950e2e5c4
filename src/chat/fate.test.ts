import { describe, expect, test } from 'vitest';

import { endsAtOnce, findInHistory } from './fate.ts';

const question = { role: 'user', idempotencyKey: 'k:user' };
const answerOf = (runId: string) => ({ role: 'assistant', __openclaw: { runId } });
const toolCall = { ...answerOf('k'), content: [{ type: 'toolCall', id: 'c1', name: 'exec' }] };
const pending = (runId: string, state: string) => ({ items: [{ runId, state }], total: 1 });
const toolResult = { role: 'toolResult', toolCallId: 'c1' };

describe('reading a gateway’s history', () => {
  test.each([
    [
      {
        messages: [
          { role: 'user', idempotencyKey: 'k:user' },
          { role: 'assistant', __openclaw: { runId: 'k' } },
        ],
      },
      'answered',
    ],
    [
      { messages: [{ role: 'user', idempotencyKey: 'k:user' }], inFlightRun: { runId: 'k' } },
      'running',
    ],
    [{ messages: [], sessionInfo: { activeRunIds: ['k'] } }, 'running'],
    // Taken and not recorded yet; and one that the gateway’s end caught so.
    [{ messages: [], hasMore: false, pendingInputs: pending('k', 'queued') }, 'running'],
    [{ messages: [], hasMore: false, pendingInputs: pending('k', 'interrupted') }, 'absent'],
    [{ messages: [], hasMore: false, pendingInputs: pending('other', 'queued') }, 'absent'],
    [{ messages: [{ role: 'user', idempotencyKey: 'k:user' }] }, 'recorded'],
    [
      {
        messages: [
          { role: 'assistant', __openclaw: { runId: 'other' } },
          { role: 'user', idempotencyKey: 'k:user' },
        ],
      },
      'recorded',
    ],
    [
      {
        messages: [
          { role: 'user', idempotencyKey: 'k:user' },
          { role: 'assistant', __openclaw: { runId: 'other' } },
        ],
      },
      'answered',
    ],
    [
      {
        messages: [
          { role: 'user', idempotencyKey: 'j:user' },
          { role: 'user', idempotencyKey: 'k:user' },
          { role: 'assistant', __openclaw: { runId: 'j' } },
        ],
      },
      'recorded',
    ],
    [
      {
        messages: [
          { role: 'user', idempotencyKey: 'j:user' },
          { role: 'assistant', __openclaw: { runId: 'j' } },
          { role: 'user', idempotencyKey: 'k:user' },
          { role: 'assistant', __openclaw: { runId: 'j' } },
        ],
      },
      'answered',
    ],
    [{ messages: [question, toolCall] }, 'cut'],
    [{ messages: [question, toolCall], inFlightRun: { runId: 'k' } }, 'running'],
    [{ messages: [question, toolCall, toolResult] }, 'recorded'],
    [{ messages: [question, toolCall, toolResult, answerOf('k')] }, 'answered'],
    [{ messages: [question, { ...answerOf('k'), stopReason: 'error' }] }, 'recorded'],
    [{ messages: [question, { ...answerOf('other'), stopReason: 'error' }] }, 'recorded'],
    [{ messages: [{ role: 'user', idempotencyKey: 'kk:user' }] }, 'absent'],
    [{ messages: [{ timestamp: 9 }], hasMore: true }, 'absent'],
    [{ messages: [{ timestamp: 10 }], hasMore: false }, 'absent'],
    [{ messages: [{ timestamp: 10 }], hasMore: true }, 'unknown'],
    [{ messages: Array.from({ length: 200 }, () => ({})) }, 'unknown'],
    [{ messages: 'nonsense' }, 'unknown'],
    [null, 'unknown'],
  ])('%j: %s', (history, expected) => {
    expect(findInHistory(history, 'k', 10)).toBe(expected);
  });
});

test.each([
  [{ ok: true, aborted: false, runIds: [] }, true],
  [{ ok: true, aborted: true }, true],
  [{ runId: 'k', status: 'started' }, false],
  [{ runId: 'k', status: 'timeout', aborted: true }, false],
  [{}, false],
  [null, false],
])('a receipt %j ends at once: %s', (receipt, expected) => {
  expect(endsAtOnce(receipt)).toBe(expected);
});
