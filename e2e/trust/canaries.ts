/**
 * Texts that belong to the personal side and to nothing else, and a search for them in bytes that went elsewhere. Written
 * without the code of the app that looks for such texts, so that a fault there is not a fault here.
 */
import { randomBytes } from 'node:crypto';

export interface CanaryHit {
  readonly canary: string;
  readonly encoding: string;
}

const invisible = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** A text that occurs nowhere else. `where` tells where it is planted. */
export function newCanary(where: string): string {
  return `canary-${where}-${randomBytes(6).toString('hex')}`;
}

/** How an agent that wants to hide a text may write it. */
export const dresses: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Buffer.from(text).toString('hex').replaceAll(/../gu, '%$&'),
  (text) => Array.from(text).reverse().join(''),
  (text) => Array.from(text).join('\u200b'),
];

/** Looks for canaries in what one side received. Makes the search once; `find` may be called for every message. */
export function canarySearch(canaries: readonly string[]): (bytes: string) => readonly CanaryHit[] {
  const needles = canaries.flatMap(needlesOf);
  // Most texts hold none, and canaries begin alike: with one of their beginnings missing in every form, so are they.
  const heads = [...new Set(canaries.map((canary) => canary.slice(0, headLength)))];
  const headNeedles = heads.flatMap(needlesOf);
  return (bytes) => {
    const views = {
      exact: bytes,
      lower: bytes.toLowerCase(),
      bare: bare(bytes),
      decoded: bare(unescaped(bytes)),
    };
    const isIn = ({ text, view }: Needle): boolean => views[view].includes(text);
    if (!headNeedles.some(isIn)) return [];
    return needles.filter(isIn).map(({ canary, encoding }) => ({ canary, encoding }));
  };
}

/** Long enough that its base64 has some characters whatever stands before it. */
const headLength = 7;

interface Needle extends CanaryHit {
  readonly text: string;
  readonly view: View;
}

function needlesOf(canary: string): readonly Needle[] {
  return forms(canary).map(([encoding, text, view]) => ({ canary, encoding, text, view }));
}

type View = 'exact' | 'lower' | 'bare' | 'decoded';

function forms(canary: string): readonly (readonly [string, string, View])[] {
  const bytes = Buffer.from(canary);
  const hex = bytes.toString('hex');
  const backwards = Array.from(canary).reverse().join('');
  return [
    ['raw, invisible characters and separators taken out', bare(canary), 'bare'],
    ['percent or \\u escapes', bare(canary), 'decoded'],
    ['reversed', bare(backwards), 'bare'],
    ['hexadecimal', hex, 'lower'],
    ['hexadecimal with separators', bare(hex), 'bare'],
    ...base64Forms(bytes).map((text) => ['base64', text, 'exact'] as const),
    ...base64Forms(Buffer.from(backwards)).map(
      (text) => ['base64 of it reversed', text, 'exact'] as const,
    ),
  ];
}

/** What is sure to be in the base64 of a longer text, wherever in it these bytes begin. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
    const whole = Math.floor((offset + bytes.length) / 3) * 4;
    const core = text.slice(offset === 0 ? 0 : offset + 1, whole);
    const standard = core.replaceAll('-', '+').replaceAll('_', '/');
    return core === standard ? [core] : [core, standard];
  });
}

/** Letters and digits alone, small. */
function bare(text: string): string {
  return text
    .normalize('NFKC')
    .replace(invisible, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

function unescaped(text: string): string {
  return text
    .replace(/(?:%[0-9a-f]{2})+/giu, (part) =>
      Buffer.from(part.replaceAll('%', ''), 'hex').toString('utf8'),
    )
    .replace(/\\u([0-9a-f]{4})/giu, (_all, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
}
