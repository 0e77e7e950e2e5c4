import { expect, it } from 'vitest';

import { safeLink } from './safe-link.ts';

it.each(['https://example.org/a?b#c', 'HTTPS://Example.org'])('offers %s', (href) => {
  expect(safeLink(href)?.hostname).toBe('example.org');
});

it.each([
  'http://example.org',
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'app://bundle/shell.html',
  'switchyard://connect?token=x',
  '//example.org',
  '/relative',
  '#note',
  '',
])('leaves %s as text', (href) => {
  expect(safeLink(href)).toBeNull();
});
