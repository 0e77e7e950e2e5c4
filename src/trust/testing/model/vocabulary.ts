/** The words of the reference model: what can happen, what keeps the rules, and what a state is made of. */

/** What happens. `0` and `1` are the texts of calls, or the places of the calls, in the order in which they came. */
export type ModelEvent =
  | 'allow'
  | 'revoke'
  | 'ask 0'
  | 'ask 1'
  | 'stranger asks'
  | 'ask too much'
  | 'approve 0'
  | 'approve 1'
  | 'decline 0'
  | 'decline 1'
  | 'grant'
  | 'end grants'
  | 'write 0'
  | 'write 1'
  | 'fail 0'
  | 'fail 1'
  | 'W answers 0 in form'
  | 'W answers 1 in form'
  | 'W answers 0 freely'
  | 'W answers 1 freely'
  | 'receive 0'
  | 'receive 1'
  | 'give 0'
  | 'give 1'
  | 'give another text 0'
  | 'clear taint'
  | 'two minutes pass'
  | 'hours pass'
  | 'policy changes'
  | 'W is pinned anew'
  | 'another peer answers'
  | 'the log breaks'
  | 'the log is mended'
  | 'crash'
  | 'start'
  | 'forget 0'
  | 'forget 1';

/** What keeps the rules; a mutant lacks one or some that stand in for each other. */
export const guards = [
  'edgeAtCall',
  'known caller',
  'size',
  'bound to text',
  'approval once',
  'approval expires',
  'approval dies at revoke',
  'approval dies with rules',
  'approval logged',
  'grant counted',
  'grant expires',
  'grant dies at revoke',
  'grant dies with rules',
  'grant dies at taint',
  'no grant while tainted',
  'no grant without trust',
  'findings ask',
  'intent first',
  'outcome first',
  'one at a time',
  'rate',
  'calls end at revoke',
  'calls end with rules',
  'tickets go at revoke',
  'epoch at socket',
  'pin at socket',
  'reply of this epoch',
  'reply under way',
  'free text held',
  'text given is text shown',
  'taint',
  'taint survives',
  'revoke survives',
  'unfinished told',
] as const;
export type Guard = (typeof guards)[number];

export interface ModelBounds {
  readonly name: string;
  /** Free text goes to the agent at once, and taints it. */
  readonly latch: boolean;
  readonly revokes: number;
  readonly grantCalls: number;
  readonly rate: number;
  /** What may happen. */
  readonly events: readonly ModelEvent[];
  /** No more intents without outcome are told apart; endless where the model runs beside the broker. */
  readonly intents: number;
}

/** Places of a state's numbers; those of the calls follow, `callWidth` for each. */
export const at = {
  up: 0,
  on: 1,
  epoch: 2,
  savedOn: 3,
  savedEpoch: 4,
  gOn: 5,
  gEpoch: 6,
  logOk: 7,
  taint: 8,
  gTaint: 9,
  pin: 10,
  peer: 11,
  /** Of each text: 0, or 1 more than the epoch in which it was approved. */
  approval: 12,
  gAct: 14,
  grant: 16,
  grantEpoch: 17,
  gGrant: 18,
  rate: 19,
  gRate: 20,
  intents: 21,
} as const;
const firstCall = 22;
export const callWidth = 8;
/** Of a call: what it is, its text, its epoch, who let it go (0: nobody, 1: an act, 2: a grant), when, and so on. */
export const of = {
  phase: 0,
  text: 1,
  epoch: 2,
  gBy: 3,
  gEpoch: 4,
  gLogged: 5,
  written: 6,
  net: 7,
} as const;
export const modelWidth = firstCall + 2 * callWidth;

/** Phases of a call. */
export const phases = {
  none: 0,
  waiting: 1,
  sending: 2,
  sent: 3,
  typed: 4,
  held: 5,
  given: 6,
  refused: 7,
} as const;

const partsOf = new Map<ModelEvent, { readonly kind: string; readonly index: number }>();

/** Which text or call an event is about, and its name without that. */
export function parts(event: ModelEvent): { readonly kind: string; readonly index: number } {
  const known = partsOf.get(event);
  if (known !== undefined) return known;
  const made = {
    kind: event.replace(/ \d/u, ''),
    index: Number(/\d/u.exec(event)?.[0] ?? 0),
  };
  partsOf.set(event, made);
  return made;
}

/** This text holds what looks like a person's own. */
export const textWithFinding = 1;

/** Where a field of a call is. */
export function call(index: number, field: number): number {
  return firstCall + index * callWidth + field;
}

export function get(state: readonly number[], place: number): number {
  return state[place] ?? 0;
}

export function phase(state: readonly number[], index: number): number {
  return get(state, call(index, of.phase));
}
