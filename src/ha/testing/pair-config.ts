import { parseGuardianConfig } from '../config.ts';
import type { GuardianConfigInput } from '../config.ts';
import type { GuardianConfig, PairConfig } from '../model.ts';

type PairInput = GuardianConfigInput['pairs'][number];

/** A pair "home" of "home-a" (primary) and "home-b" (standby) on one host, with the shipped intervals unless told otherwise. */
export function homePair(check: PairInput['check'] = {}): PairInput {
  return {
    id: 'home',
    name: 'Home',
    primary: { id: 'home-a', name: 'Home A', url: 'ws://127.0.0.1:21000' },
    standby: { id: 'home-b', name: 'Home B', url: 'ws://127.0.0.1:21120' },
    check,
  };
}

/** The same pair on two hosts, as the guardian beside `local` is told of it. */
export function farPair(local: 'primary' | 'standby', change: Partial<PairInput> = {}): PairInput {
  const member = (place: 'primary' | 'standby', id: string, name: string, host: string) => ({
    id,
    name,
    url: local === place ? 'ws://127.0.0.1:21000' : `ws://${host}:21000`,
    addr: `ws://${host}:21000`,
  });
  const [here, there] = local === 'primary' ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1'];
  return {
    id: 'home',
    name: 'Home',
    primary: member('primary', 'home-a', 'Home A', '10.0.0.1'),
    standby: member('standby', 'home-b', 'Home B', '10.0.0.2'),
    local,
    register: { kind: 'witness', host: '10.0.0.3', port: 9_470, secret: { env: 'WITNESS' } },
    peer: {
      listen: { host: here, port: 9_471 },
      connect: { host: there, port: 9_471 },
      secret: { env: 'PEER' },
    },
    ...change,
  };
}

/** A pair, checked and with its defaults filled in. */
export function checkedPair(input: PairInput = homePair()): PairConfig {
  return checkedConfig({ version: 1, stateDir: 'state', socket: 'socket', pairs: [input] })
    .pairs[0]!;
}

/** What both guardians of a pair on two hosts are told. */
export function checkedFarPair(change: Partial<PairInput> = {}): readonly [PairConfig, PairConfig] {
  return [checkedPair(farPair('primary', change)), checkedPair(farPair('standby', change))];
}

/** Checks a configuration that a test wrote. */
export function checkedConfig(input: GuardianConfigInput): GuardianConfig {
  const parsed = parseGuardianConfig(JSON.stringify(input));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
