/** The little of Route 53's XML that we read and write. */

export interface RecordSet {
  /** In lower case, without the final dot. */
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  readonly values: readonly string[];
  /** An alias, or one of several under a routing policy: not a plain record. */
  readonly isSpecial: boolean;
}

export interface RecordChange {
  readonly action: 'DELETE' | 'CREATE';
  readonly set: Omit<RecordSet, 'isSpecial'>;
}

/** The record sets in a list answer; null: it is no such answer. */
export function parseRecordSets(xml: string): readonly RecordSet[] | null {
  // Only an answer that ends properly counts: half of a list would look like a shorter list.
  if (!/<\/ListResourceRecordSetsResponse>\s*$/u.test(xml)) return null;
  return blocks(xml, 'ResourceRecordSet').map((block) => ({
    name: (textOf(block, 'Name') ?? '').toLowerCase().replace(/\.$/u, ''),
    type: textOf(block, 'Type') ?? '',
    ttlSeconds: Number(textOf(block, 'TTL') ?? '0'),
    values: blocks(block, 'ResourceRecord').map((record) => textOf(record, 'Value') ?? ''),
    isSpecial: /<(?:AliasTarget|SetIdentifier|HealthCheckId|TrafficPolicyInstanceId)>/u.test(block),
  }));
}

/** The id and the state of a change, `PENDING` or `INSYNC`; null: not such an answer. */
export function parseChange(xml: string): { readonly id: string; readonly status: string } | null {
  const id = textOf(xml, 'Id')?.replace(/^\/change\//u, '');
  const status = textOf(xml, 'Status');
  return id === undefined || status === null ? null : { id, status };
}

/** Code and message of an error answer; null: not one. */
export function parseError(
  xml: string,
): { readonly code: string; readonly message: string } | null {
  const code = textOf(xml, 'Code');
  if (code !== null) return { code, message: textOf(xml, 'Message') ?? '' };
  // A rejected change batch comes in a form of its own, without a code.
  const messages = blocks(xml, 'Messages').flatMap((block) => textOf(block, 'Message') ?? []);
  return xml.includes('<InvalidChangeBatch')
    ? { code: 'InvalidChangeBatch', message: messages.join('; ') }
    : null;
}

/** The body of one transactional change. */
export function changeBatchXml(comment: string, changes: readonly RecordChange[]): string {
  const parts = changes.map(
    ({ action, set }) =>
      `<Change><Action>${action}</Action><ResourceRecordSet><Name>${escape(set.name)}.</Name><Type>${set.type}</Type><TTL>${String(set.ttlSeconds)}</TTL><ResourceRecords>${set.values
        .map((value) => `<ResourceRecord><Value>${escape(value)}</Value></ResourceRecord>`)
        .join('')}</ResourceRecords></ResourceRecordSet></Change>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Comment>${escape(comment)}</Comment><Changes>${parts.join('')}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
}

function blocks(xml: string, tag: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gsu'))].map(
    (found) => found[1] ?? '',
  );
}

function textOf(xml: string, tag: string): string | null {
  const found = new RegExp(`<${tag}>([^<]*)</${tag}>`, 'u').exec(xml);
  return found?.[1] === undefined ? null : unescape(found[1]);
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const;

function unescape(text: string): string {
  return text.replace(
    /&(?:(amp|lt|gt|quot|apos)|#x([0-9a-f]{1,6})|#(\d{1,7}));/giu,
    (whole, name: string | undefined, hex: string | undefined, decimal: string | undefined) => {
      if (name !== undefined) return entities[name.toLowerCase() as keyof typeof entities];
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
