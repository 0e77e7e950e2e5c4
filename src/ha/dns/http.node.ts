import { fail, ok } from '../../base/index.ts';
import type { Http } from './http.ts';

interface FetchHttpOptions {
  /** From the first byte sent to the last one received. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** HTTP over the platform's `fetch`, with a time limit and a size limit. */
export function fetchHttp(options: FetchHttpOptions): Http {
  return async (request) => {
    const limit = AbortSignal.timeout(options.timeoutMs);
    const { host } = new URL(request.url);
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        redirect: 'manual',
        signal: request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]),
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      const text = await limitedText(response, options.maxBytes);
      if (text === null)
        return fail(`${host} answered with more than ${String(options.maxBytes)} bytes`);
      return ok({
        status: response.status,
        header: (name: string) => response.headers.get(name),
        text,
      });
    } catch (error) {
      if (request.signal?.aborted === true) return fail(`the request to ${host} was cut off`);
      if (limit.aborted)
        return fail(`${host} did not answer within ${String(options.timeoutMs / 1000)} s`);
      return fail(`${host} cannot be reached: ${causeOf(error)}`);
    }
  };
}

async function limitedText(response: Response, maxBytes: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Only the code: a message could quote what was sent. */
function causeOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined };
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
    return causeWords[cause.code] ?? cause.code;
  return 'the connection failed';
}

const causeWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ECONNRESET: 'it broke the connection',
  UND_ERR_SOCKET: 'it broke the connection',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up just now',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is its own; name its authority in NODE_EXTRA_CA_CERTS when the guardian starts',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is from an authority of its own; name that in NODE_EXTRA_CA_CERTS when the guardian starts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate cannot be checked; name its authority in NODE_EXTRA_CA_CERTS when the guardian starts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has run out',
};
