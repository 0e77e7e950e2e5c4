import { z } from 'zod';

import { errorText, fail, ok, type Result } from '../base/index.ts';
import { checkGatewayUrl, isLoopbackHost } from '../gateways/index.ts';
import type { Enrolment, PortalFailure } from './model.ts';
import type { PortalFetch } from './ports.ts';

export interface EnrolOptions {
  /** The portal's address as the person entered it. */
  readonly portal: string;
  /** What the portal gave the person to prove who they are. */
  readonly code: string;
  readonly fetch: PortalFetch;
}

const answer = z.object({
  gateway: z.object({
    url: z.string().max(2_000),
    name: z
      .string()
      .min(1)
      .max(60)
      .regex(/^[^\p{Cc}]*$/u),
    token: z.string().min(8).max(4_000),
  }),
});

/**
 * Asks a portal for the gateway that belongs to a code: `GET <portal>/v1/gateway` with the code as bearer.
 *
 * The returned token is for the returned address only; the caller keeps it in the vault. The code is sent to nothing but
 * the address that the person entered, over https, or http on this machine.
 */
export async function enrol(options: EnrolOptions): Promise<Result<Enrolment, PortalFailure>> {
  const portal = checkPortalUrl(options.portal);
  if (!portal.ok) return portal;
  let response: Awaited<ReturnType<PortalFetch>>;
  try {
    response = await options.fetch(`${portal.value}/v1/gateway`, options.code);
  } catch (error) {
    return fail({ kind: 'unreachable', detail: `${portal.value} (${errorText(error)})` });
  }
  if (response.status === 401 || response.status === 403)
    return fail({ kind: 'refused', detail: 'the portal does not accept the code' });
  if (response.status >= 500)
    return fail({ kind: 'unreachable', detail: `${portal.value} (HTTP ${response.status})` });
  if (response.status !== 200) return fail(badAnswer(`HTTP ${response.status}`));
  return readEnrolment(response.text);
}

function readEnrolment(text: string): Result<Enrolment, PortalFailure> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail(badAnswer('not JSON'));
  }
  const parsed = answer.safeParse(json);
  if (!parsed.success)
    return fail(badAnswer(parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')));
  const { gateway } = parsed.data;
  const url = checkGatewayUrl(gateway.url);
  return url.ok ? ok(gateway) : fail(badAnswer(`the gateway’s address: ${url.error}`));
}

function checkPortalUrl(text: string): Result<string, PortalFailure> {
  const refuse = (detail: string) => fail<PortalFailure>({ kind: 'bad-url', detail });
  if (!URL.canParse(text)) return refuse('It is not a web address such as https://portal.example.');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return refuse('It holds more than an address.');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    return refuse('It has to begin with https://, so that the code is not sent unencrypted.');
  }
  return ok(`${url.origin}${url.pathname}`.replace(/\/+$/u, ''));
}

function badAnswer(what: string): PortalFailure {
  return { kind: 'bad-answer', detail: `the answer cannot be used (${what})` };
}
