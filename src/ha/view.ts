/** What a person sees of a pair. Pure. */
import type { PairView } from '../shared/index.ts';
import { obstacleTo, troubleOf } from './election.ts';
import type { Now, PairState } from './model.ts';
import { reasons } from './reasons.ts';
import { holderOf, otherOf } from './step.ts';

/** The pair as the app shows it. Epoch 0: the register was not read yet, so `activeId` is only a guess (the primary). */
export function viewPair(state: PairState, now: Now): PairView {
  const { config } = state;
  return {
    id: config.id,
    name: config.name,
    domain: config.domain,
    primaryId: config.primary.id,
    standbyId: config.standby.id,
    activeId: holderOf(state)?.config.id ?? config.primary.id,
    epoch: state.record?.epoch ?? 0,
    ...coverOf(state, now),
    checks: state.members.flatMap((member) =>
      [member.rpc.shown, member.turn.shown].filter((check) => check !== null),
    ),
    timeline: state.timeline,
  };
}

function coverOf(state: PairState, now: Now): Pick<PairView, 'cover' | 'coverReason'> {
  if (state.phase.kind === 'learning')
    return { cover: 'exposed', coverReason: state.phase.problem ?? reasons.registerNotRead() };
  const holder = holderOf(state);
  if (holder === undefined) return { cover: 'exposed', coverReason: reasons.registerNotRead() };
  const standby = otherOf(state, holder);
  const trouble = troubleOf(state, holder, now);
  const obstacle = obstacleTo(state, standby, trouble?.certain === true ? trouble : null, now);
  return obstacle === null
    ? { cover: 'protected', coverReason: reasons.standsBy(standby.config.name) }
    : { cover: 'exposed', coverReason: obstacle.words };
}
