import type { Api, ApiAnswer } from './api-wire.ts';

export interface CloudflareRecordDouble {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content: string;
  readonly ttl: number;
  readonly proxied: boolean;
  readonly comment: string | null;
}

export interface CloudflareDouble {
  readonly api: Api;
  readonly zoneId: string;
  readonly token: string;
  records: CloudflareRecordDouble[];
  mayWrite: boolean;
  /** Answers 429 this many times. */
  busy: number;
  readonly answer: (name: string) => string[];
}

interface Batch {
  readonly deletes?: readonly { readonly id: string }[];
  readonly patches?: readonly (Partial<CloudflareRecordDouble> & { readonly id: string })[];
  readonly posts?: readonly Omit<CloudflareRecordDouble, 'id'>[];
}

/**
 * The two requests to Cloudflare's API that we make, as its reference describes them: the list filtered by `name.exact`, and
 * the batch, which happens as a whole or not at all, in the order deletes, patches, puts, posts.
 */
export function cloudflareDouble(): CloudflareDouble {
  let made = 0;
  const double: CloudflareDouble = {
    zoneId: '023e105f4ecef8ad9ca31a8372d0c353',
    token: 'cf-token-Sn3lZJTBX6kkg7OdcBUA',
    records: [],
    mayWrite: true,
    busy: 0,
    answer: (name) =>
      double.records
        .filter((record) => record.name === name && ['A', 'AAAA'].includes(record.type))
        .map((record) => record.content),
    api: (request) => {
      if (double.busy > 0) {
        double.busy -= 1;
        return { ...errors(429, 971, 'Please wait'), headers: { 'retry-after': '120' } };
      }
      if (request.headers['authorization'] !== `Bearer ${double.token}`)
        return errors(403, 9109, `Invalid access token ${request.headers['authorization'] ?? ''}`);
      const url = new URL(request.url);
      const base = `/client/v4/zones/${double.zoneId}/dns_records`;
      if (request.method === 'GET' && url.pathname === base) {
        const name = url.searchParams.get('name.exact');
        const found = double.records.filter((record) => record.name === name);
        return success(found, { page: 1, per_page: 100, total_pages: 1, count: found.length });
      }
      if (request.method === 'POST' && url.pathname === `${base}/batch`)
        return double.mayWrite
          ? batch(JSON.parse(request.body ?? '{}') as Batch)
          : errors(403, 10_000, 'Authentication error');
      return errors(
        404,
        7003,
        'Could not route to that zone, perhaps your object identifier is invalid?',
      );
    },
  };

  const batch = ({ deletes = [], patches = [], posts = [] }: Batch): ApiAnswer => {
    let records = [...double.records];
    const missing = [...deletes, ...patches].some(
      ({ id }) => !records.some((record) => record.id === id),
    );
    if (missing) return errors(404, 81_044, 'Record does not exist.');
    records = records.filter((record) => !deletes.some(({ id }) => id === record.id));
    records = records.map((record) => ({
      ...record,
      ...patches.find(({ id }) => id === record.id),
    }));
    for (const post of posts) {
      if (records.some((record) => record.name === post.name && record.content === post.content))
        return errors(400, 81_058, 'An identical record already exists.');
      made += 1;
      records.push({ ...post, id: `id-${String(made)}` });
    }
    if (records.some((record) => record.ttl !== 1 && (record.ttl < 60 || record.ttl > 86_400)))
      return errors(
        400,
        9021,
        'Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.',
      );
    if (records.some((record) => (record.comment ?? '').length > 100))
      return errors(400, 9300, 'DNS record comment is too long.');
    double.records = records;
    return success({ deletes, patches, puts: [], posts });
  };
  return double;
}

function success(result: unknown, resultInfo?: object): ApiAnswer {
  const body = { success: true, errors: [], messages: [], result, result_info: resultInfo };
  return { status: 200, body: JSON.stringify(body) };
}

function errors(status: number, code: number, message: string): ApiAnswer {
  const body = { success: false, errors: [{ code, message }], messages: [], result: null };
  return { status, body: JSON.stringify(body) };
}
