/** The words between a witness and its clients. */
import type { RegisterRecord } from '../model.ts';

export type WitnessRequest =
  | { readonly op: 'read'; readonly nonce: string }
  | {
      readonly op: 'swap';
      readonly nonce: string;
      readonly expected: RegisterRecord | null;
      readonly next: RegisterRecord;
    };

/** `failed`: the write may or may not have happened. `held`: what the register holds instead of what was expected. */
export type WitnessAnswer =
  | { readonly kind: 'found'; readonly record: RegisterRecord }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'swapped' }
  | { readonly kind: 'conflict'; readonly held: RegisterRecord | null }
  | { readonly kind: 'failed'; readonly detail: string };

export interface WitnessReply {
  /** That of the request: an answer to an earlier request cannot be played back. */
  readonly nonce: string;
  readonly answer: WitnessAnswer;
}
