/** Everything the guardian says, in one place: plain words for the timeline, the Failover screen and the log. */

/** Ages and waits as people say them. */
export function seconds(ms: number): string {
  return `${String(Math.max(1, Math.round(ms / 1000)))} s`;
}

export const reasons = {
  protectionStarted: (active: string, epoch: number) =>
    `${active} is active (epoch ${String(epoch)}).`,
  registerNotRead: () => 'The register, which says who is active, has not been read yet.',
  registerUnreadable: (detail: string) =>
    `The register cannot be read, so nobody is moved: ${detail}`,
  registerWentBack: (seen: number, known: number) =>
    `The register says epoch ${String(seen)}, but epoch ${String(known)} was already seen. Somebody restored or replaced it; nobody is moved until it is put right.`,
  registerVanished: (known: number) =>
    `The register is gone, but epoch ${String(known)} was already seen. Nobody is moved until it is put back.`,
  movedElsewhere: (active: string, epoch: number) =>
    `Another guardian made ${active} active (epoch ${String(epoch)}).`,
  lostRace: (candidate: string) =>
    `${candidate} was to take over, but the register had changed meanwhile. It is read again first.`,
  swapUnknown: (candidate: string, detail: string) =>
    `Whether ${candidate} took over is not known (${detail}). The register is read again before anything else.`,
  holderGone: (holder: string, candidate: string) =>
    `The register names “${holder}”, which is not in this pair, so ${candidate} takes over.`,
  tookOver: (
    candidate: string,
    active: string,
    misses: number,
    depth: 'rpc' | 'turn',
    detail: string,
  ) =>
    depth === 'rpc'
      ? `${active} missed ${String(misses)} checks in a row (${detail}). ${candidate} answers and took over.`
      : `${active} answers, but ${String(misses)} turns in a row failed (${detail}). A turn on ${candidate} works, so it took over.`,
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
