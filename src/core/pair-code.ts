/**
 * A pairing code: what a person types on the other computer. 60 bits, so that nobody guesses it in the ten minutes that it
 * lives, not even whoever recorded or answered an attempt; letters that look alike are read as one.
 */
import { fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';

export interface Invitation {
  readonly host: string;
  readonly port: number;
  readonly code: string;
}

/** The port where nothing else is said; the two above the guardians' own are theirs and the witness's. */
export const invitationPort = 18_972;

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 12;

/** A code made of 12 random numbers, each from 0 to 255. */
export function codeOf(random: Uint8Array): string {
  return Array.from(random.subarray(0, length), (value) => letters[value % 32] ?? '').join('');
}

/** As it is shown and read out: `7K2Q-9M4X-PD0R`. */
export function formatCode(code: string): string {
  return code.replaceAll(/.{4}(?=.)/gu, '$&-');
}

/** Reads `CODE@HOST` or `CODE@HOST:PORT`, however the code was typed; what is wrong is said in words. */
export function parseInvitation(text: string): Result<Invitation, string> {
  const [, typed = '', bracketed, plain, port] =
    /^([^@]+)@(?:\[([^\]]+)\]|([^:@\s]+))(?::(\d{1,5}))?$/u.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined)
    return fail(
      'Give the code and the address as they are shown: CODE@ADDRESS or CODE@ADDRESS:PORT.',
    );
  const code = typed
    .toUpperCase()
    .replaceAll(/[-\s]/gu, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/gu, '1');
  if (code.length !== length || !new RegExp(`^[${letters}]+$`, 'u').test(code))
    return fail(`A pairing code has ${length} letters and digits, such as 7K2Q-9M4X-PD0R.`);
  const number = port === undefined ? invitationPort : Number(port);
  if (number < 1 || number > 65_535) return fail(`${number} is no port.`);
  return ok({ host, port: number, code });
}
