import { expect, it } from 'vitest';

import { renderTable } from './table.ts';

it('lines numbers up, names a thing once, and has no p99 where there is none', () => {
  const table = renderTable([
    {
      what: 'first paint, ms',
      subject: 'app',
      summary: { count: 3, min: 9.5, median: 1_234.5, p99: null, max: 20_000 },
      target: 'at most 1,000',
    },
    { what: 'first paint, ms', subject: 'empty', summary: null },
  ]);
  expect(table).toBe(
    [
      '                        n   min  median  p99     max  target',
      '─'.repeat(67),
      'first paint, ms  app    3  9.50   1,235    –  20,000  at most 1,000',
      '                 empty  0     –       –    –       –',
    ].join('\n'),
  );
});
