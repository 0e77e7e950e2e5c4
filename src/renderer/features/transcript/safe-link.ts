/** The address behind a link of a message if a person may be asked to open it: https only. Null otherwise. */
export function safeLink(href: string | undefined): URL | null {
  if (href === undefined || !URL.canParse(href)) return null;
  const url = new URL(href);
  return url.protocol === 'https:' && url.hostname !== '' ? url : null;
}
