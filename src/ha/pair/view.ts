/** What a person sees of a pair. Pure. */
import type { NodeRole, NodeView, PairView } from '../../shared/index.ts';
import { preemptDelayMs } from '../election/decide.ts';
import type { Now, RegisterConfig } from '../model.ts';
import { reasons, seconds } from '../reasons.ts';
import type { MemberState, PairState } from './model.ts';
import { epochOf, holderOf, nodeOf, otherOf } from './step.ts';
import { obstacleTo, peerVerdict } from './verdict.ts';

/** What the driver knows beside the state. */
export interface PairSurroundings {
  readonly dns: PairView['dns'];
  readonly carried: Pick<PairView, 'mirror' | 'workspace' | 'duties'>;
  /** How each local gateway is fenced. */
  readonly fences: Readonly<Record<string, Pick<NodeView, 'fence' | 'detail'>>>;
  /** What is wrong with the link to the other guardian; empty: nothing. */
  readonly linkDetail: string;
}

/** The pair as the app shows it. Epoch 0: the register was not read yet, so `activeId` is only a guess (the primary). */
export function viewPair(state: PairState, surroundings: PairSurroundings, now: Now): PairView {
  const { config } = state;
  return {
    id: config.id,
    name: config.name,
    domain: config.domain,
    primaryId: config.primary.id,
    standbyId: config.standby.id,
    activeId: holderOf(state)?.config.id ?? config.primary.id,
    epoch: epochOf(state),
    ...coverOf(state, now),
    profile: config.profile,
    lease: leaseOf(state, now),
    register: registerOf(state),
    nodes: state.members.map((member) => nodeView(state, member, surroundings, now)),
    dns: surroundings.dns,
    ...surroundings.carried,
    hold: state.nodes.some((node) => node.hold.on),
    preempt: preemptWords(state, now),
    busy: busyWords(state),
    checks: state.members.flatMap((member) => member.shown),
    timeline: state.timeline,
  };
}

function coverOf(state: PairState, now: Now): Pick<PairView, 'cover' | 'coverReason'> {
  const exposed = (coverReason: string): Pick<PairView, 'cover' | 'coverReason'> => ({
    cover: 'exposed',
    coverReason,
  });
  const deaf = state.nodes.find((node) => !node.registerOk);
  if (deaf !== undefined) return exposed(reasons.registerSilent());
  const holder = holderOf(state);
  if (holder === null) return exposed(reasons.registerNotRead());
  const node = state.nodes.find(({ hold }) => hold.on);
  if (node !== undefined) return exposed(reasons.hold(true));
  const standby = otherOf(state, holder);
  const obstacle = standby.local
    ? obstacleTo(state, standby, now)
    : remoteObstacle(state, holder, standby, now);
  return obstacle === null
    ? { cover: 'protected', coverReason: reasons.standsBy(standby.config.name) }
    : exposed(obstacle.words);
}

function remoteObstacle(
  state: PairState,
  holder: MemberState,
  standby: MemberState,
  now: Now,
): { readonly words: string } | null {
  const said = nodeOf(state, holder.config.id)?.peerSaid ?? null;
  if (said?.canTake === true && peerVerdict(state, holder, now) !== 'down') return null;
  return {
    words:
      said === null || peerVerdict(state, holder, now) === 'down'
        ? reasons.notHeard(standby.config.name)
        : reasons.saysNotReady(standby.config.name),
  };
}

function leaseOf(state: PairState, now: Now): PairView['lease'] {
  const { config } = state;
  if (config.register.kind === 'lock') return { kind: 'held' };
  const { leaseMs } = config.lease;
  const [node] = state.nodes;
  if (node === undefined) return { kind: 'timed', leaseMs, remainingMs: null };
  const untilMs =
    node.leaseUntilMs ??
    (node.known?.record?.holder === node.config.peer ? node.known.sinceMs + leaseMs : null);
  const remainingMs = untilMs === null ? null : Math.max(0, Math.round(untilMs - now.bootMs));
  return { kind: 'timed', leaseMs, remainingMs };
}

function registerOf(state: PairState): PairView['register'] {
  const { register } = state.config;
  const ok = state.nodes.every((node) => node.registerOk && node.known !== null);
  return {
    kind: register.kind,
    address: registerAddress(register),
    ok,
    detail: ok ? '' : reasons.registerSilent(),
  };
}

function registerAddress(register: RegisterConfig): string {
  if (register.kind === 'lock') return reasons.thisComputer();
  if (register.kind === 'witness') return `${register.host}:${String(register.port)}`;
  return `${register.name} @ ${register.server}:${String(register.port)}`;
}

function nodeView(
  state: PairState,
  member: MemberState,
  surroundings: PairSurroundings,
  now: Now,
): NodeView {
  const { id } = member.config;
  if (member.local) {
    const { fence, detail } = surroundings.fences[id] ?? { fence: 'unknown', detail: '' };
    return { gatewayId: id, local: true, role: nodeOf(state, id)?.role ?? null, fence, detail };
  }
  const [node] = state.nodes;
  const silent = node === undefined || peerVerdict(state, otherOf(state, member), now) === 'down';
  const role: NodeRole | null = silent ? null : (node.peerSaid?.role ?? null);
  return { gatewayId: id, local: false, role, fence: 'unknown', detail: surroundings.linkDetail };
}

function preemptWords(state: PairState, now: Now): string {
  const { preempt } = state.config;
  if (preempt === null) return reasons.noPreempt();
  const { name } = state.config[preempt.preferred];
  const node = nodeOf(state, state.config[preempt.preferred].id);
  const delayMs = node === undefined ? preempt.delayMs : preemptDelayMs(node, now.bootMs);
  const words = reasons.preempts(name, seconds(delayMs), delayMs > preempt.delayMs);
  return state.copied ? words : `${words} ${reasons.preemptsOnceCopied()}`;
}

function busyWords(state: PairState): string | null {
  for (const member of state.members) {
    const node = nodeOf(state, member.config.id);
    if (node?.role === 'draining') return reasons.draining(member.config.name);
    if (node?.role === 'leaving') return reasons.leaving(member.config.name);
    if (node?.role === 'candidate') return reasons.waitsForLease(member.config.name);
  }
  return null;
}
