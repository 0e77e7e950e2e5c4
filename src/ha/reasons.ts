import type { RefusalCode } from './election/model.ts';

/** Everything the guardian says, in one place: plain words for the timeline, the Failover screen and the log. */

/** Ages and waits as people say them. */
export function seconds(ms: number): string {
  return `${String(Math.max(1, Math.round(ms / 1000)))} s`;
}

const refusals: Readonly<Record<RefusalCode, (name: string, other: string) => string>> = {
  'not-active': (name) => `${name} is not active, so it has nothing to hand over.`,
  'already-active': (name) => `${name} is active already.`,
  'peer-cannot-take': (_name, other) =>
    `${other} could not take over now. Look at its checks; nothing was changed.`,
  'cannot-take': (name) =>
    `${name} could not take over now. Look at its checks; nothing was changed.`,
  'register-unknown': () =>
    'The register does not answer, so nobody can be moved safely. Bring it back, or force without it if the other computer is off.',
  'register-answers': () =>
    'This is only for when the register does not answer. Use “Force” instead.',
  promised: (name, other) =>
    `${other} asked ${name} to stand still a moment ago, so it is running. Try again when it is off.`,
  busy: () => 'A change is going on already. Wait for its end.',
};

export const reasons = {
  protectionStarted: (active: string, epoch: number) =>
    `${active} is active (epoch ${String(epoch)}).`,
  registerNotRead: () => 'The register, which says who is active, has not been read yet.',
  registerLost: (detail: string) => `The register does not answer: ${detail}`,
  registerBack: () => 'The register answers again.',
  registerWentBack: (seen: number, known: number) =>
    `The register says epoch ${String(seen)}, but epoch ${String(known)} was already seen. Somebody restored or replaced it; nobody is moved until it is put right.`,
  keptByPeer: (active: string, other: string) =>
    `The register does not answer, so ${other} promised to stand still and ${active} goes on. There is no failover until the register is back.`,
  movedElsewhere: (active: string, epoch: number) =>
    `${active} is active now (epoch ${String(epoch)}), as the guardian over there decided.`,
  released: (name: string, why: string) =>
    `${name} gave the role back${why === '' ? '' : `: ${why}`}.`,
  becauseAsked: () => 'you asked to hand over',
  becausePreferred: () => 'the preferred gateway is well again',
  superseded: (name: string) => `${name} lost the role to the other one and stopped at once.`,
  leaseEnded: (name: string) =>
    `${name} could not renew its lease in time and stopped by itself, so that two are never active.`,
  killed: (name: string) =>
    `${name} did not confirm that it stopped, so its process was ended. It starts again as a standby.`,
  forced: (name: string) => `You forced it: ${name} is active.`,
  forcedAlone: (name: string, other: string) =>
    `You forced it without the register: ${name} is active. If ${other} is running after all, two are active: switch it off.`,
  hold: (on: boolean) =>
    on
      ? 'Automatic changes are on hold: nobody takes over until you end it.'
      : 'The hold is over: automatic failover works again.',
  tookReleased: (candidate: string, former: string) =>
    `${former} gave the role back, and ${candidate} took it.`,
  tookOver: (
    candidate: string,
    active: string,
    misses: number,
    depth: 'fast' | 'turn',
    detail: string,
  ) =>
    depth === 'fast'
      ? `${active} missed ${String(misses)} ${misses === 1 ? 'check' : 'checks in a row'} (${detail}). ${candidate} answers and took over.`
      : `${active} answers, but ${String(misses)} turns in a row failed (${detail}). A turn on ${candidate} works, so it took over.`,
  requestRefused: (why: RefusalCode, name: string, other: string) => refusals[why](name, other),
  registerSilent: () => 'The register does not answer. Until it is back, nobody can take over.',
  thisComputer: () => 'this computer',
  notHeard: (name: string) =>
    `Nothing is heard of ${name}: is its computer on, and its guardian running?`,
  saysNotReady: (name: string) => `${name} says that it could not take over now.`,
  noPreempt: () =>
    'Whoever is active stays active: a change back would be one more interruption for nothing.',
  preempts: (name: string, delay: string, damped: boolean) =>
    `${name} is preferred: it gets the role back after it was well for ${delay} without a break${damped ? ', longer than usual because of recent changes' : ''}.`,
  preemptsOnceCopied: () => 'First the conversations have to be copied.',
  draining: (name: string) => `${name} finishes its running turns, then hands over.`,
  leaving: (name: string) => `${name} is being stopped before the other one may act.`,
  waitsForLease: (name: string) => `${name} waits for the other one’s lease to run out.`,
  missedCheck: (name: string, detail: string) => `${name} missed a check: ${detail}`,
  connectionBroke: (name: string, detail: string) => `The connection to ${name} broke: ${detail}`,
  answersAgain: (name: string) => `${name} answers again.`,
  backAsStandby: (name: string) =>
    `${name} answers again. It is the standby now and does not take its role back.`,
  warmed: (name: string, latencyMs: number) =>
    `${name} answered a whole turn in ${String(Math.round(latencyMs))} ms: it is warm and could take over.`,
  cannotCheck: (name: string, detail: string) => `${name} cannot be checked: ${detail}`,
  standsBy: (name: string) => `${name} is warm and could take over now.`,
  isDown: (name: string, detail: string) =>
    `${name} could not take over: it does not answer (${detail}).`,
  isBlind: (name: string, detail: string) =>
    `${name} could not take over: it cannot be checked (${detail}).`,
  isBeingChecked: (name: string) => `${name} is being checked.`,
  isUnproven: (name: string) =>
    `${name} could not take over yet: it has not answered a whole turn since it started.`,
  isStale: (name: string, ageMs: number) =>
    `${name} could not take over: its last good turn is ${seconds(ageMs)} old.`,
  modelFails: (name: string, detail: string) =>
    `${name} could not take over: it answers, but its turns fail (${detail}).`,
  providerOut: (detail: string) =>
    `Turns fail on both gateways, so the trouble is the model's provider and moving would not help (${detail}).`,
} as const;
