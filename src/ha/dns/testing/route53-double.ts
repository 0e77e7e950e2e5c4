import type { RecordSet } from '../route53-xml.ts';
import type { Api, ApiAnswer } from './api-wire.ts';

type PlainSet = Omit<RecordSet, 'isSpecial'> & {
  /** More XML inside the set: a routing policy, an alias. */
  readonly more?: string;
};

export interface Route53Double {
  readonly api: Api;
  readonly zoneId: string;
  readonly accessKeyId: string;
  readonly secret: string;
  sets: PlainSet[];
  /** How often `GetChange` says PENDING before INSYNC. */
  pendingPolls: number;
  /** An error that is given to the next request. */
  refuseNext: { readonly status: number; readonly code: string; readonly message: string } | null;
  /** Runs just before a batch is looked at: another host's moment. */
  beforeWrite: (() => void) | null;
  readonly comments: readonly string[];
  readonly answer: (name: string) => readonly string[];
}

/**
 * The three requests to Route 53 that we make, as Amazon's API reference describes them: a list that begins at a name, a
 * change batch that happens as a whole (a DELETE must match exactly, a CREATE must be new) or not at all, and GetChange.
 */
export function route53Double(): Route53Double {
  let changes = 0;
  let pendingLeft = 0;
  const comments: string[] = [];
  const double: Route53Double = {
    zoneId: 'Z0123456789ABCDEFGHIJ',
    accessKeyId: 'AKIDEXAMPLE',
    secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    sets: [],
    pendingPolls: 1,
    refuseNext: null,
    beforeWrite: null,
    comments,
    answer: (name) =>
      double.sets.find((set) => set.name === name && ['A', 'AAAA'].includes(set.type))?.values ??
      [],
    api: (request) => {
      const refusal = double.refuseNext;
      double.refuseNext = null;
      if (refusal !== null) return errorXml(refusal.status, refusal.code, refusal.message);
      const authorization = request.headers['authorization'] ?? '';
      if (!authorization.startsWith(`AWS4-HMAC-SHA256 Credential=${double.accessKeyId}/`))
        return errorXml(403, 'InvalidClientTokenId', 'The security token included is invalid.');
      const url = new URL(request.url);
      if (url.pathname === `/2013-04-01/hostedzone/${double.zoneId}/rrset`)
        return request.method === 'GET' ? list(url) : change(request.body ?? '');
      if (url.pathname.startsWith('/2013-04-01/change/')) {
        const status = pendingLeft > 0 ? 'PENDING' : 'INSYNC';
        pendingLeft -= 1;
        return xml('GetChangeResponse', changeInfo(status));
      }
      return errorXml(404, 'NoSuchHostedZone', 'No hosted zone found with ID');
    },
  };

  const list = (url: URL): ApiAnswer => {
    const from = (url.searchParams.get('name') ?? '').replace(/\.$/u, '');
    const sorted = [...double.sets].sort((a, b) => order(a.name).localeCompare(order(b.name)));
    const listed = sorted.filter((set) => order(set.name) >= order(from));
    const count = Number(url.searchParams.get('maxitems'));
    return xml(
      'ListResourceRecordSetsResponse',
      `<ResourceRecordSets>${listed.slice(0, count).map(setXml).join('')}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>${String(count)}</MaxItems>`,
    );
  };

  const change = (body: string): ApiAnswer => {
    double.beforeWrite?.();
    comments.push(/<Comment>([^<]*)</u.exec(body)?.[1] ?? '');
    const key = (set: PlainSet): string =>
      JSON.stringify([set.name, set.type, set.ttlSeconds, set.values]);
    let sets = [...double.sets];
    for (const [, part = ''] of body.matchAll(/<Change>(.*?)<\/Change>/gsu)) {
      const set = setIn(part);
      if (part.includes('<Action>DELETE')) {
        if (!sets.some((one) => key(one) === key(set)))
          return badBatch(
            `Tried to delete resource record set [name='${set.name}.', type='${set.type}'] but it was not found`,
          );
        sets = sets.filter((one) => key(one) !== key(set));
      } else {
        if (sets.some((one) => one.name === set.name && one.type === set.type))
          return badBatch(
            `Tried to create resource record set [name='${set.name}.', type='${set.type}'] but it already exists`,
          );
        sets.push(set);
      }
    }
    double.sets = sets;
    changes += 1;
    pendingLeft = double.pendingPolls;
    return xml('ChangeResourceRecordSetsResponse', changeInfo('PENDING'));
  };

  const changeInfo = (status: string): string =>
    `<ChangeInfo><Id>/change/C${String(changes)}</Id><Status>${status}</Status><SubmittedAt>2026-01-01T00:00:00.000Z</SubmittedAt></ChangeInfo>`;
  return double;
}

/** Names are ordered by their labels from the right. */
function order(name: string): string {
  return name.split('.').reverse().join('.');
}

function setIn(part: string): PlainSet {
  const text = (tag: string): string => new RegExp(`<${tag}>([^<]*)<`, 'u').exec(part)?.[1] ?? '';
  return {
    name: text('Name').replace(/\.$/u, ''),
    type: text('Type'),
    ttlSeconds: Number(text('TTL')),
    values: [...part.matchAll(/<Value>([^<]*)</gu)].map((found) =>
      (found[1] ?? '').replaceAll('&quot;', '"'),
    ),
  };
}

function setXml({ name, type, ttlSeconds, values, more }: PlainSet): string {
  const records = values
    .map(
      (value) =>
        `<ResourceRecord><Value>${value.replaceAll('"', '&quot;')}</Value></ResourceRecord>`,
    )
    .join('');
  return `<ResourceRecordSet><Name>${name}.</Name><Type>${type}</Type>${more ?? ''}<TTL>${String(ttlSeconds)}</TTL><ResourceRecords>${records}</ResourceRecords></ResourceRecordSet>`;
}

function xml(root: string, inner: string, status = 200): ApiAnswer {
  return {
    status,
    body: `<?xml version="1.0"?>\n<${root} xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${inner}</${root}>`,
  };
}

function errorXml(status: number, code: string, message: string): ApiAnswer {
  return xml(
    'ErrorResponse',
    `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>b7ebc957</RequestId>`,
    status,
  );
}

function badBatch(message: string): ApiAnswer {
  return xml('InvalidChangeBatch', `<Messages><Message>${message}</Message></Messages>`, 400);
}
