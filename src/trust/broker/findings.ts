/**
 * What looks like a secret or a person's own in a text that is about to leave. A finding never changes the text and never
 * sends it back by itself: it turns a grant into a question to the person, with the finding named.
 *
 * Invariants
 * 1. The text is looked at as it is and as it reads without invisible characters, without separators, and with base64,
 *    hexadecimal and percent encoding undone, several deep.
 * 2. The work is bounded: at most `mostReadings` readings of a text of at most `longest` characters.
 */
import type { FindingKind } from '../../shared/index.ts';
import { foldText } from '../../store/index.ts';
import { decodings, withoutInvisible } from './decodings.ts';

export interface Finding {
  readonly kind: FindingKind;
  /** The first characters of what was found, for the person who decides. */
  readonly excerpt: string;
}

const longest = 20_000;
const mostReadings = 64;
const deepest = 3;
const excerptLength = 40;

/** Planted canaries shorter than this would be found in ordinary text. */
const shortestCanary = 8;

/**
 * All that is found, one of a kind.
 * @param canaries texts that were planted where only the person's own things are
 */
export function findingsOf(text: string, canaries: readonly string[] = []): readonly Finding[] {
  if (text.length > longest) return [{ kind: 'unreadable', excerpt: text.slice(0, excerptLength) }];
  const wanted = canaries.map(squeezed).filter((canary) => canary.length >= shortestCanary);
  const found = new Map<FindingKind, string>();
  for (const reading of readingsOf(text)) {
    for (const [kind, find] of detectors) {
      const excerpt = found.has(kind) ? null : find(reading);
      if (excerpt !== null) found.set(kind, excerpt.slice(0, excerptLength));
    }
    if (wanted.length === 0) continue;
    const squeezedReading = squeezed(reading);
    const canary = wanted.find((one) => squeezedReading.includes(one));
    if (canary !== undefined) found.set('canary', canary.slice(0, excerptLength));
  }
  return [...found].map(([kind, excerpt]) => ({ kind, excerpt }));
}

/** Every way to read a text, itself first. */
function readingsOf(text: string): readonly string[] {
  const readings = new Set([text, withoutInvisible(text)]);
  let latest = [...readings];
  for (let depth = 0; depth < deepest; depth += 1) {
    const deeper = latest.flatMap(decodings).filter((reading) => !readings.has(reading));
    for (const reading of deeper) if (readings.size < mostReadings) readings.add(reading);
    latest = deeper.slice(0, mostReadings);
  }
  return [...readings];
}

type Detector = (text: string) => string | null;

const secret =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bbearer\s+[\w.~+/=-]{16,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*|\b(?:sk|pk|rk|ghp|gho|ghs|glpat|xox[abprs]|npm|swy)[-_][\w-]{16,}|\bgithub_pat_\w{20,}|\bA(?:KIA|SIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}|(?:passw(?:or)?d|passwort|passphrase|secret|token|api[-_ ]?key)["']?\s*(?:is|ist|[=:])\s*["']?\S{4,}/iu;
const homePath =
  /(?:\/home\/|\/Users\/|\/root\/|[A-Za-z]:\\+Users\\+|(?:^|[\s"'`(=:])~\/|%USERPROFILE%|\$HOME\b)[^\s"']*/u;
const email = /[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/iu;

const detectors: readonly (readonly [FindingKind, Detector])[] = [
  ['secret', (text) => secret.exec(text)?.[0] ?? null],
  ['home-path', (text) => homePath.exec(text)?.[0].trim() ?? null],
  ['email', (text) => email.exec(text)?.[0] ?? null],
  ['iban', (text) => candidate(text, ibanCandidate, isIban)],
  ['card', (text) => candidate(text, cardCandidate, isCard)],
];

const separator = String.raw`[\s._/:–—-]{0,3}`;
const ibanCandidate = new RegExp(
  String.raw`[A-Za-z]${separator}[A-Za-z](?:${separator}\d){2}(?:${separator}[A-Za-z0-9]){11,30}`,
  'gu',
);
const cardCandidate = new RegExp(String.raw`\d(?:${separator}\d){12,40}`, 'gu');

function candidate(text: string, pattern: RegExp, holds: (compact: string) => boolean) {
  for (const match of text.matchAll(pattern))
    if (holds(match[0].replace(/[^A-Za-z0-9]/gu, ''))) return match[0];
  return null;
}

/** How long an account number is, by country: ISO 13616. */
const ibanLengths: ReadonlyMap<string, number> = new Map(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
    .split(' ')
    .map((word) => [word.slice(0, 2), Number(word.slice(2))]),
);

function isIban(compact: string): boolean {
  const text = compact.toUpperCase();
  const length = ibanLengths.get(text.slice(0, 2));
  if (length === undefined || text.length < length) return false;
  const moved = text.slice(4, length) + text.slice(0, 4);
  let rest = 0;
  for (const letter of moved) rest = Number(`${rest}${Number.parseInt(letter, 36)}`) % 97;
  return rest === 1;
}

/** A card number by its check digit; of a longer row of digits, each part that could be one. */
function isCard(digits: string): boolean {
  const lengths = digits.length > 19 ? [16, 15] : [digits.length];
  return lengths.some((length) => {
    for (let start = 0; start + length <= digits.length; start += 1)
      if (hasCheckDigit(digits.slice(start, start + length))) return true;
    return false;
  });
}

function hasCheckDigit(digits: string): boolean {
  if (!/^[3-6]/u.test(digits) || /^(\d)\1*$/u.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const doubled = Number(digits[digits.length - 1 - index]) * (1 + (index % 2));
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Letters and digits only, folded: spelling a word with dots or spaces between its letters hides nothing. */
function squeezed(text: string): string {
  return foldText(text).replace(/[^\p{L}\p{N}]/gu, '');
}
