import { systemRandom } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import type { OpenDatagrams } from '../../src/ha/register/exchange.ts';
import { tsigKey } from '../../src/ha/register/hmac.node.ts';
import { rfc2136Register } from '../../src/ha/register/rfc2136-register.ts';
import { askTcp, openUdp } from '../../src/ha/register/wire.node.ts';
import type { RunningBind } from '../../src/ha/testing/bind.ts';

/** What of a BIND a register needs; it can be sent to another thread. */
export type BindPlace = Pick<RunningBind, 'server' | 'port' | 'zone' | 'key'>;

/** Opens the register of `name` in a BIND of our own, as a guardian would. */
export function registerInBind(
  bind: BindPlace,
  name: string,
  openDatagrams: OpenDatagrams = openUdp,
): ReturnType<typeof rfc2136Register> {
  return rfc2136Register(
    {
      server: bind.server,
      port: bind.port,
      zone: bind.zone,
      name,
      ttlSeconds: 0,
      key: { ...bind.key, secret: async () => ({ ok: true, value: bind.key.secret }) },
    },
    {
      clock: systemClock(),
      random: systemRandom(),
      openDatagrams,
      askStream: askTcp,
      makeKey: tsigKey,
    },
  );
}
