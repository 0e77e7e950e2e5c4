/**
 * One round where both gateways work in one folder: nothing is carried, and it is proved that the folder is one. A file is left
 * through one gateway and looked for through the other.
 */
import type { Round } from './round.ts';
import { failure, lackingProfiles } from './round.ts';

/** Makes the rounds; `newId` makes names that nobody has used. */
export function sharedRound(newId: () => string): Round {
  return async (sides) => {
    const [active, copy] = await Promise.all([sides.active.survey(), sides.copy.survey()]);
    if (!active.ok) return failure('active', active.error);
    if (!copy.ok) return failure('copy', copy.error);
    const nonce = newId();
    const signed = await sides.active.sign(nonce, 'leave');
    if (!signed.ok) return failure('active', signed.error);
    const found = await sides.copy.sign(nonce, 'find');
    const taken = await sides.active.sign(nonce, 'take');
    if (!found.ok) return failure('copy', found.error);
    if (!taken.ok) return failure('active', taken.error);
    const apart = signed.value.filter((agent) => !found.value.includes(agent));
    const total = active.value.files.length;
    return {
      kind: 'done',
      carried: apart.length === 0 ? total : 0,
      total,
      trouble: apart.length === 0 ? '' : apartWords(apart),
      left: [],
      files: active.value.files.map(({ path }) => path),
      lacking: lackingProfiles(active.value.profiles, copy.value.profiles),
    };
  };
}

function apartWords(agents: readonly string[]): string {
  return `the two gateways do not have the same folder (${agents.join(', ')}): mount it on both, or choose the built-in sync`;
}
