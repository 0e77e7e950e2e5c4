/** What `guardian status` prints. Pure. */
import type { MemberCheck, PairView } from '../../shared/index.ts';

const shownEvents = 5;

/** The pairs as lines for a terminal. */
export function statusText(pairs: readonly PairView[], nowWallMs: number): string {
  return pairs.map((pair) => pairLines(pair, nowWallMs).join('\n')).join('\n\n');
}

function* lines(pair: PairView, nowWallMs: number): Generator<string> {
  const epoch = pair.epoch === 0 ? 'register not read yet' : `epoch ${pair.epoch}`;
  yield `${pair.name} (${pair.id}): ${pair.epoch === 0 ? '?' : pair.activeId} is active, ${epoch}`;
  yield `  cover     ${pair.cover}: ${pair.coverReason}`;
  if (pair.busy !== null) yield `  now       ${pair.busy}`;
  if (pair.hold) yield '  hold      automatic changes are switched off';
  yield `  lease     ${leaseWords(pair)}`;
  const { register } = pair;
  yield `  register  ${register.kind} at ${register.address}: ${register.ok ? 'answers' : register.detail}`;
  for (const node of pair.nodes) {
    const where = node.local ? 'here' : 'on the other machine';
    yield `  node      ${node.gatewayId} ${node.role ?? 'not heard'}, ${where}, fence: ${node.fence}${detailOf(node.detail)}`;
  }
  for (const check of pair.checks) yield `  check     ${checkWords(check, nowWallMs)}`;
  for (const dns of pair.dns)
    yield `  dns       ${dns.name} (${dns.provider}) says ${dns.address ?? 'nothing yet'}: ${dns.ok ? 'right' : dns.detail}`;
  for (const event of pair.timeline.slice(-shownEvents))
    yield `  ${new Date(event.atMs).toISOString()}  ${event.kind}: ${event.reason}`;
}

function pairLines(pair: PairView, nowWallMs: number): string[] {
  return [...lines(pair, nowWallMs)];
}

function leaseWords({ lease }: PairView): string {
  if (lease.kind === 'held') return 'a lock of the active gateway’s own process';
  const left =
    lease.remainingMs === null ? 'not known' : `${Math.round(lease.remainingMs)} ms left`;
  return `${lease.leaseMs} ms, ${left}`;
}

function checkWords(check: MemberCheck, nowWallMs: number): string {
  const age = `${Math.max(0, Math.round((nowWallMs - check.atMs) / 1000))} s ago`;
  const result = check.ok
    ? `ok in ${Math.round(check.latencyMs ?? 0)} ms`
    : `missed ${check.misses}`;
  return `${check.gatewayId} ${check.depth}: ${result}, ${age}${detailOf(check.detail)}`;
}

function detailOf(detail: string): string {
  return detail === '' ? '' : ` (${detail})`;
}
