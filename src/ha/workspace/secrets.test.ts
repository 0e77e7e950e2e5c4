import { expect, it } from 'vitest';

import { judgeName, splitPath } from './names.ts';
import { looksSecretName, secretIn } from './secrets.ts';

it.each([
  '.env',
  '.env.local',
  'prod.env',
  'server.pem',
  'tls.KEY',
  'id_ed25519',
  'auth-profiles.json',
  'credentials.json',
  'google-credentials.json',
  'api_keys.yaml',
  'token.txt',
  'Passwords.md',
  '.netrc',
  'service-account-x.json',
])('takes %s for a secret by its name', (name) => {
  expect(looksSecretName(name)).toBe(true);
});

it.each([
  'MEMORY.md',
  'tokenizer.py',
  'count-tokens.md',
  'secret-santa.md',
  'keyboard.md',
  'monkey.md',
  'auth.md',
  'token.ts',
])('does not take %s for one', (name) => {
  expect(looksSecretName(name)).toBe(false);
});

const letters = 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY2zA4bC6d';

it.each([
  ['a private key', `-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl`],
  ['a key of a model provider', `OPENAI=sk-proj-${letters}`],
  ['a key of a model provider', `sk-ant-api03-${letters}`],
  ['a key of AWS', `aws AKIAIOSFODNN7EXAMPLE`],
  ['a token of GitHub', `ghp_${letters}`],
  ['a token of Slack', `xoxb-${letters}`],
  ['a key of Google', `AIza${letters.slice(0, 35)}`],
  ['a token of a Telegram bot', `bot 123456789:${letters.slice(0, 35)} `],
  ['a signed token', `eyJ${letters}.eyJ${letters}.${letters}`],
])('finds %s in a text', (words, text) => {
  expect(secretIn(`before\n${text}\nafter`)).toBe(words);
});

it.each([
  'put your key here: sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'a hash: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'the tokens cost 12345678:00 and task-force-seventeen-of-the-league is fine',
  'https://example.org/a/b?c=d-e_f',
  'The cat is called Schnurri.',
])('finds nothing in %j', (text) => {
  expect(secretIn(text)).toBeNull();
});

it.each([
  ['MEMORY.md', 'copied'],
  ['Notes.MD', 'copied'],
  ['memory/2026/11/22.md', 'copied'],
  ['skills/cook/assets/soup.png', 'copied'],
  ['photo.png', 'none'],
  ['projects/README.md', 'none'],
  ['skills/cook/node_modules/x.js', 'none'],
  ['.hidden.md', 'none'],
  ['memory/.dreams/x.md', 'none'],
  ['.env', 'left'],
  ['memory/CON.md', 'left'],
  ['memory/a?.md', 'left'],
  ['memory/end.', 'left'],
])('judges %s: %s', (path, kind) => {
  expect(judgeName(path).kind).toBe(kind);
});

it('splits paths and refuses what is none', () => {
  expect(splitPath('main/memory/x.md')).toEqual({ agent: 'main', within: 'memory/x.md' });
  for (const path of [
    'main',
    '',
    '/x',
    'main/',
    'main//x',
    '../x',
    'main/..',
    'main/a\\b',
    'm n/x',
  ])
    expect(splitPath(path), path).toBeNull();
});
