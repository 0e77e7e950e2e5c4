/** More marks than any script puts on one letter. */
const longMarkRun = /([\p{M}\uFF9E\uFF9F]{30})[\p{M}\uFF9E\uFF9F]+/gu;

/**
 * Brings text to one form, so that what looks alike compares alike: compatibility forms (NFKC), upper and lower case.
 * Runs of combining marks are cut at 30 first: normalisation sorts them, and sorting 200,000 takes half a minute.
 */
export function foldText(text: string): string {
  return text.replace(longMarkRun, '$1').normalize('NFKC').toUpperCase().toLowerCase();
}

/** What a person types after `@` to name something: `Home standby` → `home-standby`. Empty when nothing is left. */
export function addressOf(name: string): string {
  return foldText(name)
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/^-+|-+$/gu, '');
}
