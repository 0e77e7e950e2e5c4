import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

import { protocol } from 'electron';
import type { Session } from 'electron';

import { contentSecurityPolicy } from './content-security-policy.ts';

export const appScheme = 'app';
export const appHost = 'bundle';
export const appOrigin = `${appScheme}://${appHost}`;

/** Must run before the app is ready, in the first turn of the main entry. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true } },
  ]);
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/**
 * The file of the renderer folder that a request is for, or the HTTP status that refuses it.
 * Resolved against `root` itself and refused outside of it (Electron security checklist, item 18).
 */
export function resolveAppFile(
  root: string,
  method: string,
  url: string,
): { readonly file: string } | { readonly status: number } {
  if (method !== 'GET') return { status: 405 };
  let path: string;
  try {
    const parsed = new URL(url);
    if (parsed.protocol !== `${appScheme}:` || parsed.host !== appHost) return { status: 404 };
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return { status: 400 };
  }
  if (path.includes('\0') || path.includes('\\') || path.split('/').includes('..'))
    return { status: 400 };
  const file = join(root, path);
  const inside = relative(root, file);
  if (inside === '' || inside.startsWith('..') || inside.split(sep).includes('..'))
    return { status: 400 };
  return types[extname(file)] === undefined ? { status: 404 } : { file };
}

/** Serves the renderer's files to one session; each session (partition) needs its own. */
export function serveApp(session: Session, root: string): void {
  session.protocol.handle(appScheme, async (request) => {
    const resolved = resolveAppFile(root, request.method, request.url);
    if ('status' in resolved) return new Response(null, { status: resolved.status });
    try {
      const body = await readFile(resolved.file);
      return new Response(new Uint8Array(body), {
        headers: {
          'content-type': types[extname(resolved.file)] ?? 'application/octet-stream',
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
        },
      });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
}
