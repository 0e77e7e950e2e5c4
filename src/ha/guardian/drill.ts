/**
 * A drill: the role is handed over and back, in order, and what it cost is measured. It changes nothing for good: a first
 * half that fails leaves the role where it is, a second half that fails says where it was left.
 */
import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { PairView } from '../../shared/index.ts';
import type { GuardedPair } from '../pair/driver.ts';
import { untilView } from './until-view.ts';
import type { WaitPorts } from './until-view.ts';

/** How long the gateway that gave the role away may take to be ready to have it back. */
const readyLimitMs = 120_000;
const moveLimitMs = 60_000;

interface Leg {
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
  /** From the order until the gateway that was active stopped, until the other began, and until DNS follows (null: none). */
  readonly stoppedMs: number;
  readonly movedMs: number;
  readonly dnsMs: number | null;
}

/** Runs a drill; the value is the table of what was measured. */
export async function runDrill(
  pair: GuardedPair,
  ports: WaitPorts,
): Promise<Result<string, string>> {
  const before = pair.view();
  if (before.cover !== 'protected') return fail(`No drill now: ${before.coverReason}`);
  const drillNote = (reason: string): void => pair.note({ kind: 'drill', gatewayId: null, reason });

  drillNote('A drill began: the role goes over and comes back.');
  const there = await move(pair, ports);
  if (!there.ok) return there;
  const ready = await untilView(
    pair,
    ports,
    (view) => view.cover === 'protected' && view.busy === null,
    readyLimitMs,
  );
  if (ready === null) {
    const words = `${there.value.to} is active and stays so: ${pair.view().coverReason}`;
    drillNote(words);
    return fail(words);
  }
  const back = await move(pair, ports);
  if (!back.ok) return fail(`${there.value.to} is active and stays so: ${back.error}`);
  const table = drillTable([there.value, back.value]);
  drillNote(`The drill is over. ${legWords(there.value)}; ${legWords(back.value)}.`);
  return ok(table);
}

async function move(pair: GuardedPair, ports: WaitPorts): Promise<Result<Leg, string>> {
  const { clock } = ports;
  const before = pair.view();
  const startedAtMs = clock.bootMs();
  const roleOf = (view: PairView, gatewayId: string): string | null =>
    view.nodes.find((node) => node.gatewayId === gatewayId)?.role ?? null;
  const stopped = untilView(
    pair,
    ports,
    (view) =>
      view.epoch > before.epoch ||
      !['active', 'draining', 'leaving'].includes(roleOf(view, before.activeId) ?? ''),
    moveLimitMs,
  ).then(() => clock.bootMs() - startedAtMs);
  const refusal = pair.ask('hand-over');
  if (refusal !== null) return fail(refusal);
  const moved = await untilView(
    pair,
    ports,
    (view) => view.epoch > before.epoch && view.activeId !== before.activeId,
    moveLimitMs,
  );
  if (moved === null)
    return fail(`the role did not move within ${moveLimitMs / 1000} s; the timeline says why`);
  const movedMs = clock.bootMs() - startedAtMs;
  const followed =
    moved.dns.length === 0
      ? null
      : await untilView(
          pair,
          ports,
          (view) => view.dns.every((dns) => dns.ok && dns.epoch >= moved.epoch),
          moveLimitMs,
        );
  return ok({
    from: pair.nameOf(before.activeId),
    to: pair.nameOf(moved.activeId),
    epoch: moved.epoch,
    stoppedMs: Math.min(await stopped, movedMs),
    movedMs,
    dnsMs: followed === null ? null : clock.bootMs() - startedAtMs,
  });
}

function legWords({ from, to, stoppedMs, movedMs }: Leg): string {
  return `${from} to ${to} in ${movedMs} ms, ${Math.max(0, movedMs - stoppedMs)} ms of it without an active one`;
}

/** The table that a drill ends with; times in milliseconds from the order. */
function drillTable(legs: readonly Leg[]): string {
  const rows = [
    ['from', 'to', 'epoch', 'old one stopped', 'new one active', 'none active for', 'DNS follows'],
    ...legs.map((leg) => [
      leg.from,
      leg.to,
      String(leg.epoch),
      `${leg.stoppedMs} ms`,
      `${leg.movedMs} ms`,
      `${Math.max(0, leg.movedMs - leg.stoppedMs)} ms`,
      leg.dnsMs === null ? 'no DNS' : `${leg.dnsMs} ms`,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
