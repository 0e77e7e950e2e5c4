/** What a run's files say afterwards: who was active when, the gap of a takeover, and the time that two were active. */
import type { Effect } from './light-words.ts';
import type { Reply } from './probe-words.ts';

/** From the first to the last effect of one gateway in one epoch. */
export interface Reign {
  readonly id: string;
  readonly epoch: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The reigns of all gateways, by their beginning. A gateway without epochs begins a new one after `silenceMs` without an effect. */
export function reignsOf(effects: readonly Effect[], silenceMs = Infinity): readonly Reign[] {
  const reigns: Reign[] = [];
  const last = new Map<string, number>();
  for (const { id, epoch, atMs } of effects.toSorted((one, other) => one.atMs - other.atMs)) {
    const key = `${id} ${epoch}`;
    const index = last.get(key);
    const reign = index === undefined ? undefined : reigns[index];
    if (index !== undefined && reign !== undefined && atMs - reign.toMs <= silenceMs) {
      reigns[index] = { ...reign, toMs: atMs };
    } else {
      last.set(key, reigns.length);
      reigns.push({ id, epoch, fromMs: atMs, toMs: atMs });
    }
  }
  return reigns;
}

/** The sum of the time in which reigns of two gateways were both going on. */
export function overlapMs(reigns: readonly Reign[]): number {
  let sum = 0;
  for (const [index, one] of reigns.entries()) {
    for (const other of reigns.slice(index + 1)) {
      if (one.id === other.id) continue;
      sum += Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));
    }
  }
  return sum;
}

/** Effects of an epoch after another gateway began a later one: a zombie that was not fenced. */
export function staleEffects(effects: readonly Effect[]): readonly Effect[] {
  const begun = new Map<number, Effect>();
  for (const effect of effects) {
    const first = begun.get(effect.epoch);
    if (first === undefined || effect.atMs < first.atMs) begun.set(effect.epoch, effect);
  }
  const firsts = [...begun.values()];
  return effects.filter((effect) =>
    firsts.some((first) => first.epoch > effect.epoch && first.atMs < effect.atMs),
  );
}

/**
 * How long the client had nobody: from the last good answer of `from` that was asked before the takeover to the first one of
 * another gateway after `sinceMs`. Null when nobody else ever answered.
 */
export function gapMs(replies: readonly Reply[], from: string, sinceMs: number): number | null {
  const good = replies.filter((reply) => !reply.isStale);
  const first = good.find((reply) => reply.id !== from && reply.atMs >= sinceMs);
  if (first === undefined) return null;
  const before = good.filter((reply) => reply.id === from && reply.atMs < first.atMs).at(-1);
  return before === undefined ? null : first.atMs - before.atMs;
}

/** How often the gateway that answers changed. */
export function changesOf(replies: readonly Reply[]): number {
  const good = replies.filter((reply) => !reply.isStale);
  return good.filter((reply, index) => index > 0 && reply.id !== good[index - 1]?.id).length;
}
