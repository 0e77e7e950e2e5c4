import { describe, expect, it } from 'vitest';

import { readAddress } from './address.ts';

describe('readAddress', () => {
  it.each([
    ['@work hello', 'work', 'hello'],
    ['  @Work: hello', 'Work', 'hello'],
    ['@home-standby,\n\nhello @work', 'home-standby', 'hello @work'],
    ['@work', 'work', ''],
    ['@küche2 licht an', 'küche2', 'licht an'],
    ['@@work hello', null, '@work hello'],
    [' @@@x', null, ' @@x'],
    ['hello @work', null, 'hello @work'],
    ['@ work', null, '@ work'],
    ['@', null, '@'],
    ['@(work) hello', null, '@(work) hello'],
    ['@bob@example.com hello', null, '@bob@example.com hello'],
    [`@${'x'.repeat(200)} hello`, null, `@${'x'.repeat(200)} hello`],
    ['', null, ''],
  ])('%j names %j and leaves %j', (text, name, rest) => {
    expect(readAddress(text)).toEqual({ name, rest });
  });
});
