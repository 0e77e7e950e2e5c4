import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { contentSecurityPolicy } from './content-security-policy.ts';

vi.mock('electron', () => ({ protocol: {} }));
const { resolveAppFile } = await import('./protocol.ts');

const root = mkdtempSync(join(tmpdir(), 'switchyard-protocol-'));
writeFileSync(join(root, 'shell.html'), '');
const get = (url: string): ReturnType<typeof resolveAppFile> => resolveAppFile(root, 'GET', url);

describe('files of the app', () => {
  test('are found inside the renderer folder', () => {
    expect(get('app://bundle/shell.html')).toEqual({ file: join(root, 'shell.html') });
    expect(get('app://bundle/assets/a.js?v=1#x')).toEqual({ file: join(root, 'assets', 'a.js') });
  });

  test.each([
    ['app://bundle/%2e%2e%2fpackage.json', 400],
    ['app://bundle/..%2f..%2fetc/passwd.html', 400],
    ['app://bundle/a%00.html', 400],
    ['app://bundle/a%5c..%5cb.html', 400],
    ['app://bundle/%E0%A4%A.html', 400],
    ['app://bundle/', 400],
    ['app://other/shell.html', 404],
    ['https://bundle/shell.html', 404],
    ['app://bundle/settings.json', 404],
    ['app://bundle/shell.html.map', 404],
  ])('%s is refused with %d', (url, status) => {
    expect(get(url)).toEqual({ status });
  });

  test('only GET', () => {
    expect(resolveAppFile(root, 'POST', 'app://bundle/shell.html')).toEqual({ status: 405 });
  });

  test('nothing outside the folder, whatever is asked', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.string(), (path, tail) => {
        const resolved = get(`app://bundle${path}/${tail}.html`);
        return 'status' in resolved || resolved.file.startsWith(`${root}/`);
      }),
    );
  });
});

test('the policy allows no inline code, no network and no frames', () => {
  expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:|ws:/u);
  for (const closed of [
    "default-src 'none'",
    "connect-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ]) {
    expect(contentSecurityPolicy).toContain(closed);
  }
});
