/**
 * Names as DNS writes them (RFC 1035, 3.1 and 4.1.4) and as people do (5.1: `\.` and `\DDD` for odd bytes).
 * Names are kept in lower case and end in a dot: DNS compares without case, and so do we.
 */
import { concatBytes, MalformedError, readBytes } from './bytes.ts';
import type { ByteReader } from './bytes.ts';

const longestLabel = 63;
const longestName = 255;
const dot = 0x2e;
const backslash = 0x5c;

/** Encodes a name without compression; null when it is not a name. The final dot may be left out. */
export function encodeName(text: string): Uint8Array | null {
  const labels = splitLabels(text);
  if (labels === null) return null;
  const parts = labels.flatMap((label) => [Uint8Array.of(label.length), Uint8Array.from(label)]);
  const bytes = concatBytes(...parts, Uint8Array.of(0));
  return bytes.length <= longestName ? bytes : null;
}

/** The one way we write a name; null when it is not one. */
export function canonicalName(text: string): string | null {
  const bytes = encodeName(text);
  return bytes === null ? null : readName(readBytes(bytes));
}

/** Reads a name; throws `MalformedError`. A pointer may only point backwards, so that reading ends. */
export function readName(reader: ByteReader): string {
  let text = '';
  let wireLength = 1;
  let from = reader;
  let limit = reader.offset;
  for (;;) {
    const length = from.uint8();
    if (length === 0) return text === '' ? '.' : text;
    if (length >= 0xc0) {
      const target = (length - 0xc0) * 256 + from.uint8();
      if (target >= limit) throw new MalformedError('a name points forwards');
      limit = target;
      from = readBytes(reader.bytes, target);
      continue;
    }
    if (length > longestLabel) throw new MalformedError('a label is of an unknown kind');
    wireLength += length + 1;
    if (wireLength > longestName) throw new MalformedError('a name is too long');
    text += `${[...from.take(length)].map(showByte).join('')}.`;
  }
}

function showByte(byte: number): string {
  if (byte === dot || byte === backslash) return `\\${String.fromCharCode(byte)}`;
  if (byte < 0x21 || byte > 0x7e) return `\\${String(byte).padStart(3, '0')}`;
  return String.fromCharCode(byte).toLowerCase();
}

function splitLabels(text: string): readonly (readonly number[])[] | null {
  if (text === '.') return [];
  const labels: number[][] = [[]];
  const pieces = text.match(/\\\d{3}|\\[^\d]|[^\\]/gsu) ?? [];
  if (pieces.join('') !== text) return null;
  for (const piece of pieces) {
    if (piece === '.') {
      labels.push([]);
      continue;
    }
    const byte = byteOf(piece);
    if (byte === null) return null;
    labels.at(-1)?.push(byte);
  }
  if (labels.at(-1)?.length === 0) labels.pop();
  const fits = labels.every((label) => label.length > 0 && label.length <= longestLabel);
  return labels.length > 0 && fits ? labels : null;
}

function byteOf(piece: string): number | null {
  const code = /^\\\d{3}$/u.test(piece)
    ? Number(piece.slice(1))
    : (piece.at(-1) ?? '').toLowerCase().charCodeAt(0);
  if (code > 255 || (code > 126 && !piece.startsWith('\\'))) return null;
  // \065 is the letter A, and lower case like any other.
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}
