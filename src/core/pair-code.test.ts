import { expect, test } from 'vitest';

import { codeOf, formatCode, invitationPort, parseInvitation } from './pair-code.ts';

const code = codeOf(Uint8Array.from([0, 1, 31, 32, 63, 255, 10, 11, 12, 13, 14, 15]));

test('a code is as it was made, however it is typed', () => {
  expect(code).toBe('01Z0ZZABCDEF');
  expect(formatCode(code)).toBe('01Z0-ZZAB-CDEF');
  for (const typed of ['01Z0-ZZAB-CDEF', 'olzo zzab cdef', ' o1z0zzabcdef'])
    expect(parseInvitation(`${typed}@den.lan`)).toEqual({
      ok: true,
      value: { host: 'den.lan', port: invitationPort, code },
    });
  expect(parseInvitation(`${code}@[fd00::1]:99`)).toMatchObject({
    value: { host: 'fd00::1', port: 99 },
  });
});

test.each([
  ['01Z0-ZZAB-CDEF', 'CODE@ADDRESS'],
  ['01Z0-ZZAB@den', '12 letters'],
  ['01Z0-ZZAB-CDEU@den', '12 letters'],
  ['01Z0-ZZAB-CDEF@den:99999', 'no port'],
  ['01Z0-ZZAB-CDEF@den@attic', 'CODE@ADDRESS'],
])('says what is wrong with %s', (typed, words) => {
  expect(parseInvitation(typed)).toMatchObject({
    ok: false,
    error: expect.stringContaining(words) as string,
  });
});
