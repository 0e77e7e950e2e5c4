/** Without characters that nobody sees, and with compatibility forms (full-width letters and the like) undone. */
export function withoutInvisible(text: string): string {
  return text.normalize('NFKC').replace(/[\p{Cf}\p{DI}]/gu, '');
}

/** What a text may say once one layer of base64, hexadecimal or percent encoding is undone. */
export function decodings(text: string): readonly string[] {
  const joined = text.replace(/[\s,;:.|"'`]/gu, '');
  const encoded = [text, joined];
  return [
    ...(text.includes('%') ? [percentDecoded(text)] : []),
    ...encoded.flatMap((source) => [
      ...runs(source, /(?:[0-9a-f]{2}){8,}/giu, hexBytes),
      ...runs(source, /[A-Za-z0-9+/_-]{12,}={0,2}/gu, base64Bytes),
    ]),
  ];
}

function runs(text: string, pattern: RegExp, bytesOf: (run: string) => readonly number[]) {
  return [...text.matchAll(pattern)]
    .map(([run]) => readable(bytesOf(run)))
    .filter((decoded) => decoded !== '');
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/giu, (run) => utf8(hexBytes(run.replaceAll('%', ''))));
}

function hexBytes(run: string): readonly number[] {
  return (run.match(/../gu) ?? []).map((pair) => Number.parseInt(pair, 16));
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64Bytes(run: string): readonly number[] {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const letter of run.replace(/-/gu, '+').replace(/_/gu, '/').replace(/=+$/u, '')) {
    held = ((held << 6) | alphabet.indexOf(letter)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return bytes;
}

/** Most of what is not encoded at all decodes to noise: only text goes on. */
function readable(bytes: readonly number[]): string {
  const text = utf8(bytes);
  const readableCharacters = text.replace(/[^\p{L}\p{N}\p{P}\p{S}\p{Zs}\n\t]|\uFFFD/gu, '').length;
  return readableCharacters >= 6 && readableCharacters > text.length * 0.8 ? text : '';
}

/** UTF-8, with U+FFFD for what is none. */
function utf8(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
