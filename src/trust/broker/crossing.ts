import { fail, ok, type Result } from '../../base/index.ts';
import type { CrossingAction, DomainId } from '../../shared/index.ts';
import { formText, type AnswerSchema } from './answer-schema.ts';
import { canonicalJson, type Json } from '../canonical-json.ts';
import type { Finding } from './findings.ts';
import type { Label } from '../label.ts';
import type { Digest } from '../ports.ts';

/** Who calls a tool: known by the token of this start, which the door has checked. */
export interface Caller {
  readonly id: string;
  readonly domain: DomainId;
}

/** What an agent wants carried to another domain. */
export interface CrossingCall {
  readonly action: CrossingAction;
  readonly to: DomainId;
  readonly text: string;
  /** Why, for the person who decides; it does not leave. */
  readonly purpose: string;
  /** The form of the answer; null: in free text, which the person gets. */
  readonly answer: AnswerSchema | null;
}

/** Where crossings to a domain go. The app chooses it; a caller cannot. */
export interface Destination {
  readonly gatewayId: string;
  /** Pin of the gateway's key. */
  readonly pin: string;
  readonly sessionKey: string;
}

/** What goes over the wire: built here, with nothing of the caller's frame but the text. */
export interface OutgoingCrossing {
  readonly id: string;
  readonly destination: Destination;
  readonly text: string;
  /** Whether the reply is wanted, or only that it was taken. */
  readonly wantsReply: boolean;
}

/** The answer to a tool call. Every refusal is the same: an agent learns nothing from it. */
export type CallAnswer =
  | { readonly status: 'not-available' }
  | { readonly status: 'invalid'; readonly problem: string }
  | { readonly status: 'waiting'; readonly ticket: string }
  | { readonly status: 'delivered' }
  | { readonly status: 'answered'; readonly value: Json; readonly label: Label }
  | { readonly status: 'answered'; readonly handle: string; readonly characters: number }
  | { readonly status: 'answered'; readonly text: string; readonly label: Label };

/** A call that waits for a person. Everything that would leave is in `text`. */
export interface Ask {
  /** The act of approving gives this back. */
  readonly digest: string;
  readonly from: DomainId;
  readonly action: CrossingAction;
  readonly to: DomainId;
  readonly destination: Destination;
  readonly text: string;
  readonly purpose: string;
  readonly findings: readonly Finding[];
  readonly atMs: number;
}

/** Free text that came back and waits for a person. */
export interface HeldReply {
  readonly handle: string;
  readonly from: DomainId;
  readonly to: DomainId;
  readonly text: string;
  /** The act of giving it to the agent gives this back. */
  readonly digest: string;
}

/** In UTF-16 code units. */
export const longestText = 2_000;
export const longestPurpose = 200;

/**
 * What no window shows: controls, marks that turn the direction of writing, invisible letters and selectors, tags, halves
 * of letters. Line breaks, tabs and the selector that colours an emoji are fine.
 */
const unshowable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu;
const fine: ReadonlySet<string> = new Set(['\n', '\t', '\uFE0F']);

function canBeShown(text: string): boolean {
  return (text.match(unshowable) ?? []).every((character) => fine.has(character));
}

/**
 * A gateway takes words that begin with a slash, anywhere in a message, and a message that begins with an exclamation mark,
 * as commands: they change its settings instead of being read by its model.
 */
const command = /^\s*!|(?<![\p{L}\p{N}/:._~%=&?#-])\/\p{L}/u;

/** The text that will leave; the failure says what the caller has to change. */
export function textOf({ text, purpose, answer }: CrossingCall): Result<string, string> {
  if (text.trim() === '') return fail('the text is empty');
  if (text.length > longestText) return fail(`the text is longer than ${longestText} characters`);
  if (purpose.length > longestPurpose)
    return fail(`the purpose is longer than ${longestPurpose} characters`);
  const whole = answer === null ? text : `${text}\n\n${formText(answer)}`;
  if (!canBeShown(whole) || !canBeShown(purpose))
    return fail('the text holds characters that cannot be shown');
  if (command.test(whole))
    return fail('a word that begins with “/”, or a text that begins with “!”, would be a command');
  return ok(whole);
}

/** Names exactly what is approved: these bytes, to this session of this gateway, in this form, in this epoch. */
export function digestOf(
  digest: Digest,
  call: Pick<CrossingCall, 'action' | 'to' | 'answer'>,
  from: DomainId,
  text: string,
  { pin, sessionKey }: Destination,
  epoch: number,
): string {
  return digest(
    canonicalJson({
      action: call.action,
      from,
      to: call.to,
      bytes: text,
      session: sessionKey,
      pin,
      schema: call.answer,
      epoch,
    }),
  );
}

/** Length in UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
