import { createHmac } from 'node:crypto';

import type { PeerSeals } from './model.ts';

/**
 * The seals of a pair's link, from the secret that both guardians know. Each direction of each pair has a key of its own,
 * so that nothing which one side said can be sent back to it, or to another pair.
 * @param self the id of the gateway that this guardian looks after; `peer`: of the other
 */
export function peerSeals(
  secret: string,
  names: { readonly pairId: string; readonly self: string; readonly peer: string },
): PeerSeals {
  const sealOf = (from: string, to: string): PeerSeals['ours'] => {
    const key = createHmac('sha256', secret)
      .update(['switchyard peer link 1', names.pairId, from, to].join('\0'))
      .digest();
    return (bytes) => createHmac('sha256', key).update(bytes).digest();
  };
  return { ours: sealOf(names.self, names.peer), theirs: sealOf(names.peer, names.self) };
}
