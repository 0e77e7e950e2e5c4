import { describe, expect, test, vi } from 'vitest';

vi.mock('electron', () => ({ shell: {} }));
const { checkLink } = await import('./open-link.ts');

describe('links that may be offered', () => {
  test.each([
    ['https://example.com/a?b#c', 'example.com'],
    ['https://example.com:8443/', 'example.com'],
    ['https://bücher.example/', 'xn--bcher-kva.example'],
    ['https://аpple.com/', 'xn--pple-43d.com'], // a Cyrillic "а": the host shown gives it away
    ['HTTPS://EXAMPLE.COM', 'example.com'],
  ])('%s shows the host %s', (url, host) => {
    expect(checkLink(url)).toMatchObject({ ok: true, host });
  });
});

describe('links that are refused', () => {
  test.each([
    'http://example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,hi',
    'smb://server/share',
    '\\\\server\\share',
    'vscode://open',
    'mailto:a@example.com',
    'https://user@example.com',
    'https://user:pass@example.com',
    'https://localhost/',
    'https://localhost./',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://192.168.1.1/',
    'https://10.0.0.1/',
    'https://8.8.8.8/',
    'https://router.local/',
    'https://intranet/',
    'https://gitlab.internal/',
    'example.com',
    '',
    ' ',
    'https://',
  ])('%s', (url) => {
    expect(checkLink(url).ok).toBe(false);
  });
});
