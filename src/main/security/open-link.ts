import { shell } from 'electron';

/** Why a link is not opened, or what is shown before it is. */
export type LinkCheck =
  | { readonly ok: true; readonly url: string; readonly host: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Decides whether a link that came from a gateway may be offered for opening: https only, a public host name, no
 * credentials. The host is what a person is shown, in ASCII, so that look-alike letters stand out.
 */
export function checkLink(text: string): LinkCheck {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { ok: false, reason: 'This is not a complete web address.' };
  }
  if (url.protocol !== 'https:') return { ok: false, reason: 'Only https links are opened.' };
  if (url.username !== '' || url.password !== '')
    return { ok: false, reason: 'The link carries a user name or password.' };
  const host = url.hostname.replace(/\.$/u, '');
  if (isPrivateHost(host))
    return { ok: false, reason: 'The link points into this machine or a private network.' };
  return { ok: true, url: url.href, host };
}

/** The one caller of `openExternal`. Opens in the person's browser, after they have seen the host. */
export async function openLink(check: Extract<LinkCheck, { ok: true }>): Promise<void> {
  await shell.openExternal(check.url);
}

function isPrivateHost(host: string): boolean {
  if (host.startsWith('[') || /^\d{1,3}(?:\.\d{1,3}){3}$/u.test(host)) return true; // an address is no name to recognise
  return (
    !host.includes('.') ||
    /(?:^|\.)(?:localhost|local|internal|home\.arpa|invalid|test)$/iu.test(host)
  );
}
