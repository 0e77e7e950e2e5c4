import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

import { checkGatewayUrl, isLoopbackHost } from '../gateways/index.ts';
import type { GatewayView } from '../shared/index.ts';
import type { MeasuredPlace } from './boundary.ts';

/**
 * Where gateways run, by what this machine shows: of a gateway that we run, that it is our own process; of one at an
 * address of this machine, as whom its port is served (on Linux; elsewhere that is not known); any other is elsewhere.
 * Never rejects.
 */
export function measurePlaces(gateways: readonly GatewayView[]): Promise<readonly MeasuredPlace[]> {
  return Promise.all(
    gateways.map(async (gateway) => ({ gatewayId: gateway.id, ...(await placeOf(gateway)) })),
  );
}

async function placeOf({
  kind,
  address,
}: GatewayView): Promise<Pick<MeasuredPlace, 'place' | 'detail'>> {
  if (kind === 'managed') return { place: 'same-user', detail: 'this app runs it' };
  const url = checkGatewayUrl(address);
  if (!url.ok) return { place: 'unknown', detail: 'its address is not known yet' };
  const { hostname, port, protocol } = url.value;
  if (!(await isHere(hostname)))
    return { place: 'other-computer', detail: `${hostname} is another computer` };
  const known = port === '' ? (protocol === 'wss:' ? 443 : 80) : Number(port);
  const served = listenerOf(await socketTables(), known);
  const own = process.getuid?.();
  if (served === null || own === undefined)
    return { place: 'unknown', detail: `nothing tells as whom port ${known} is served` };
  return served === own
    ? { place: 'same-user', detail: `port ${known} is served as the user of this app` }
    : { place: 'other-user', detail: `port ${known} is served as user ${served}` };
}

async function isHere(hostname: string): Promise<boolean> {
  if (isLoopbackHost(hostname)) return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );
  const bare = hostname.replace(/^\[|\]$/gu, '');
  try {
    const found = await lookup(bare, { all: true });
    return found.some(({ address }) => own.includes(address));
  } catch {
    return own.includes(bare);
  }
}

function socketTables(): Promise<readonly string[]> {
  return Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
}

const listening = '0A';

/** The user id that listens on a port, by the kernel's tables of TCP sockets; null: nobody, as far as they tell. */
export function listenerOf(tables: readonly string[], port: number): number | null {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of tables.flatMap((table) => table.split('\n').slice(1))) {
    const fields = line.trim().split(/\s+/u);
    const [, local, , state] = fields;
    const uid = Number(fields[7]);
    if (state === listening && local?.endsWith(`:${wanted}`) === true && Number.isInteger(uid))
      return uid;
  }
  return null;
}
