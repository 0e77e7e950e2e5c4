import { describe, expect, it } from 'vitest';

import { parseGuardianConfig } from './config.ts';
import { homePair } from './testing/pair-config.ts';

const valid = {
  version: 1,
  stateDir: '/var/lib/guardian',
  socket: '/run/guardian.sock',
  pairs: [homePair()],
};

function errorOf(change: object): string {
  const parsed = parseGuardianConfig(JSON.stringify({ ...valid, ...change }));
  return parsed.ok ? 'accepted' : parsed.error;
}

describe('the configuration', () => {
  it('has sensible defaults', () => {
    const { check: _check, ...pair } = homePair();
    const parsed = parseGuardianConfig(JSON.stringify({ ...valid, pairs: [pair] }));
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        pairs: [
          {
            domain: 'personal',
            check: {
              everyMs: 1_000,
              turnEveryMs: 30_000,
              confirmEveryMs: 200,
              timeoutMs: 5_000,
              turnTimeoutMs: 15_000,
              misses: 3,
            },
          },
        ],
      },
    });
  });

  it.each([
    ['a text that is not JSON', null, 'it is not JSON'],
    ['no pairs', { pairs: [] }, 'pairs: name at least one pair'],
    ['another version', { version: 2 }, 'version: this version of the guardian reads version 1'],
    ['an unknown key', { colour: 'red' }, '(the whole file): remove what is not known: colour'],
    [
      'a wrong number',
      { pairs: [homePair({ misses: 0 })] },
      'pairs[0].check.misses: give at least 1',
    ],
    [
      'a remote address',
      { pairs: [{ ...homePair(), primary: { id: 'a', name: 'A', url: 'wss://example.org:443' } }] },
      'pairs[0].primary.url: use ws://127.0.0.1:PORT',
    ],
    [
      'a token in the address',
      {
        pairs: [
          { ...homePair(), primary: { id: 'a', name: 'A', url: 'ws://127.0.0.1:1/?token=x' } },
        ],
      },
      'pairs[0].primary.url',
    ],
    [
      'a token in the file',
      {
        pairs: [
          { ...homePair(), primary: { id: 'a', name: 'A', url: 'ws://127.0.0.1:1', token: 'x' } },
        ],
      },
      'pairs[0].primary.token: use {"env": "NAME"}',
    ],
    [
      'one gateway twice',
      { pairs: [{ ...homePair(), standby: homePair().primary }] },
      'pairs[0].standby.id',
    ],
    [
      'a gateway in two pairs',
      { pairs: [homePair(), { ...homePair(), id: 'second' }] },
      'pairs: a gateway may be in one pair only',
    ],
    [
      'an id that is a path',
      { pairs: [{ ...homePair(), id: '../x' }] },
      'pairs[0].id: use 1 to 64',
    ],
  ])('refuses %s and says where', (_words, change, expected) => {
    const error =
      change === null ? (parseGuardianConfig('{') as { error: string }).error : errorOf(change);
    expect(error).toContain(expected);
  });
});
