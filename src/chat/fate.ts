import { contentText } from '../trust/index.ts';
import { openTools, reachOf } from './rows.ts';

/**
 * What a gateway's answers say of the fate of a message of ours. They are data from outside: what is not plainly there
 * proves nothing.
 */

/**
 * `cut`: its turn ended while a tool ran, and what the tool did is not known. `absent` is proven: the history reaches back to
 * before the message. Where it does not, the fate is `unknown`.
 */
export type Fate = 'answered' | 'running' | 'cut' | 'recorded' | 'absent' | 'unknown';

/** What a `chat.history` answer, asked for `historyLimit` rows, knows of the message `key` that was typed at `createdAtMs`. */
export function findInHistory(history: unknown, key: string, createdAtMs: number): Fate {
  const rows = field(history, 'messages');
  if (!Array.isArray(rows)) return 'unknown';
  if (rows.some((row) => answeringRun(row) === key)) return 'answered';
  const active = field(field(history, 'sessionInfo'), 'activeRunIds');
  const running =
    field(field(history, 'inFlightRun'), 'runId') === key ||
    (Array.isArray(active) && active.includes(key)) ||
    isQueued(history, key);
  if (running) return 'running';
  if (openTools(history, key).length > 0) return 'cut';
  const place = rows.findIndex((row) => field(row, 'idempotencyKey') === `${key}:user`);
  if (place !== -1) return answeredByAnother(rows, place) ? 'answered' : 'recorded';
  const reach = reachOf(history);
  const reachesBack = reach === null || (reach !== undefined && reach < createdAtMs);
  return reachesBack ? 'absent' : 'unknown';
}

/** Whether the gateway has taken the message and not recorded it yet. One that its end caught so is `interrupted`: it is lost. */
function isQueued(history: unknown, key: string): boolean {
  const inputs = field(field(history, 'pendingInputs'), 'items');
  return (
    Array.isArray(inputs) &&
    inputs.some((input) => field(input, 'runId') === key && field(input, 'state') === 'queued')
  );
}

/**
 * Whether the message in row `place` joined the run of another and was answered there: an answer after it belongs to a run
 * of the gateway's own making, or to one that had answered already before it. Any other answer may be for another message.
 */
function answeredByAnother(rows: readonly unknown[], place: number): boolean {
  const keys = new Set(rows.map((row) => field(row, 'idempotencyKey')));
  const before = new Set(rows.slice(0, place).map(answeringRun));
  return rows.slice(place).some((row) => {
    const run = answeringRun(row);
    return run !== null && (!keys.has(`${run}:user`) || before.has(run));
  });
}

/** How a run ended, by a `chat.history` answer, and what it said; null: it has not ended, as far as is known. */
export function endOfRun(
  history: unknown,
  runId: string,
): { readonly outcome: 'answered' | 'failed'; readonly text: string } | null {
  const rows = field(history, 'messages');
  if (!Array.isArray(rows)) return null;
  const answer: unknown = rows.findLast((row) => answeringRun(row) === runId);
  if (answer !== undefined)
    return { outcome: 'answered', text: contentText(field(answer, 'content')) };
  const isFailure = (row: unknown): boolean =>
    field(row, 'stopReason') === 'error' && field(field(row, '__openclaw'), 'runId') === runId;
  return rows.some(isFailure) ? { outcome: 'failed', text: '' } : null;
}

/** The run whose answer a row is; null for one that only calls tools on the way there, or that failed. */
function answeringRun(row: unknown): string | null {
  if (field(row, 'role') !== 'assistant' || field(row, 'stopReason') === 'error') return null;
  const content = field(row, 'content');
  const callsTool =
    Array.isArray(content) && content.some((part) => field(part, 'type') === 'toolCall');
  const run = field(field(row, '__openclaw'), 'runId');
  return typeof run === 'string' && !callsTool ? run : null;
}

/** Whether a `chat.send` was done by its receipt: a word like "stop" ends runs and begins none, nor is it recorded. */
export function endsAtOnce(receipt: unknown): boolean {
  return (
    field(receipt, 'runId') === undefined &&
    (field(receipt, 'aborted') !== undefined || field(receipt, 'runIds') !== undefined)
  );
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
