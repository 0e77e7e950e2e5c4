import { fail, ok, type Result } from '../base/index.ts';

/**
 * Checks the address of a gateway: what it may be is a matter of where credentials may travel.
 * `wss:` anywhere; `ws:` only to this machine, judged on the parsed host. The failure is a sentence for people that
 * never repeats a credential.
 */
export function checkGatewayUrl(text: string): Result<URL, string> {
  if (!URL.canParse(text)) return fail('It is not a web address such as wss://gateway.example.');
  const url = new URL(text);
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    return fail(`It begins with ${url.protocol}//, and must begin with wss:// or ws://.`);
  if (url.username !== '' || url.password !== '')
    return fail('It holds a user name or password; enter the token instead.');
  if (url.search !== '' || url.hash !== '')
    return fail('It holds something after ? or #; tokens do not belong in an address.');
  if (url.protocol === 'ws:' && !isLoopbackHost(url.hostname)) {
    return fail(
      `ws:// to ${url.hostname} would send the token and the messages unencrypted; use wss://.`,
    );
  }
  return ok(url);
}

/** Scheme, host and port of an address in one spelling: where its credentials belong. Null for an address that is never dialled. */
export function gatewayOrigin(address: string): string | null {
  const url = checkGatewayUrl(address);
  return url.ok ? url.value.origin : null;
}

/** Whether a host of a parsed URL is this machine: `localhost`, 127.0.0.0/8 or ::1, nothing that merely looks like it. */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/u.test(hostname)
  );
}
