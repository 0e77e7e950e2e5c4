import { parseGuardianConfig } from '../config.ts';
import type { GuardianConfigInput } from '../config.ts';
import type { GuardianConfig, PairConfig } from '../model.ts';

/** A pair "home" of "home-a" (primary) and "home-b" (standby), with the shipped intervals unless told otherwise. */
export function homePair(
  check: GuardianConfigInput['pairs'][number]['check'] = {},
): GuardianConfigInput['pairs'][number] {
  return {
    id: 'home',
    name: 'Home',
    primary: { id: 'home-a', name: 'Home A', url: 'ws://127.0.0.1:21000' },
    standby: { id: 'home-b', name: 'Home B', url: 'ws://127.0.0.1:21120' },
    check,
  };
}

/** The same, checked and with its defaults filled in. */
export function checkedPair(check: GuardianConfigInput['pairs'][number]['check'] = {}): PairConfig {
  return checkedConfig({
    version: 1,
    stateDir: 'state',
    socket: 'socket',
    pairs: [homePair(check)],
  }).pairs[0]!;
}

/** Checks a configuration that a test wrote. */
export function checkedConfig(input: GuardianConfigInput): GuardianConfig {
  const parsed = parseGuardianConfig(JSON.stringify(input));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
