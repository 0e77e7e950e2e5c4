/**
 * What looks like a secret, by name and by content. A guess in both directions: what is taken for one is shown and not copied,
 * so a person can decide; what is not recognized is copied as the text that it is.
 */

const names = [
  /^\.env(\.|$)/iu,
  /^\.(netrc|npmrc|pypirc|git-credentials|htpasswd|pgpass)$/iu,
  /^id_(rsa|dsa|ecdsa|ed25519)/iu,
  /\.(env|pem|key|p12|pfx|jks|keystore|kdbx|ovpn|ppk|gpg|asc)$/iu,
  /^auth-profiles?\b/iu,
  /^service-account/iu,
];
const words = [
  'credential',
  'credentials',
  'secret',
  'secrets',
  'token',
  'tokens',
  'password',
  'passwords',
  'apikey',
  'apikeys',
];

/** Whether a file's name says that it holds a secret. */
export function looksSecretName(name: string): boolean {
  if (names.some((pattern) => pattern.test(name))) return true;
  const [stem = '', ...endings] = name.toLowerCase().split('.');
  const parts = stem.replace(/api[-_]keys?/u, 'apikeys').split(/[-_\s]/u);
  // A text about tokens is none; one that is called just so is likely a list of them. Code is neither.
  const ending = endings.at(-1) ?? '';
  if (['js', 'ts', 'mjs', 'py', 'sh', 'rb', 'go'].includes(ending)) return false;
  if (['md', 'txt'].includes(ending)) return parts.length === 1 && words.includes(parts[0] ?? '');
  return parts.some((part) => words.includes(part));
}

const contents: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/u, 'a private key'],
  [/\b(sk|rk)-[A-Za-z0-9_-]{20,}/gu, 'a key of a model provider'],
  [/\b(sk|rk)_(live|test)_[A-Za-z0-9]{16,}/gu, 'a key of a payment provider'],
  [/\bA(KIA|SIA)[0-9A-Z]{16}\b/gu, 'a key of AWS'],
  [/\bgh[pousr]_[A-Za-z0-9]{30,}/gu, 'a token of GitHub'],
  [/\bgithub_pat_[A-Za-z0-9_]{30,}/gu, 'a token of GitHub'],
  [/\bglpat-[A-Za-z0-9_-]{20,}/gu, 'a token of GitLab'],
  [/\bxox[abeprs]-[A-Za-z0-9-]{16,}/gu, 'a token of Slack'],
  [/\bAIza[0-9A-Za-z_-]{35}/gu, 'a key of Google'],
  [/\bhf_[A-Za-z0-9]{30,}/gu, 'a token of Hugging Face'],
  [/\bnpm_[A-Za-z0-9]{36}/gu, 'a token of npm'],
  [/\bgsk_[A-Za-z0-9]{30,}/gu, 'a key of a model provider'],
  [/\b\d{8,10}:[A-Za-z0-9_-]{35}\b/gu, 'a token of a Telegram bot'],
  [/\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/gu, 'a signed token'],
];
/** `sk-xxxxxxxx…` in an instruction is no key. */
const leastDifferent = 10;

/** What a text holds that looks like a secret, in words; null: nothing. */
export function secretIn(text: string): string | null {
  for (const [pattern, words] of contents) {
    if (!pattern.global) {
      if (pattern.test(text)) return words;
      continue;
    }
    for (const [found] of text.matchAll(pattern))
      if (new Set(found).size >= leastDifferent) return words;
  }
  return null;
}
