/** A violation as a sequence chart that a person can follow: what happened, and what everybody then had. */
import type { Violation } from './explore.ts';
import { messageText, recordText } from './host.ts';
import type { Host } from './host.ts';

const width = 96;

export function chartOf({ problem, trace }: Violation): string {
  const head = row('', 'host A', 'host B', 'register', 'under way');
  const lines = trace.flatMap(({ label, after }, index) => {
    const underWay = [
      ...after.messages.flat().map(messageText),
      ...after.hosts.flatMap((host) =>
        host.strays.map(({ next }) => `late swap → ${recordText(next)}`),
      ),
    ];
    return [
      `${String(index + 1).padStart(3)}. ${label}`,
      row(
        '',
        hostText(after.hosts[0]),
        hostText(after.hosts[1]),
        recordText(after.ledger.record),
        underWay.join(', '),
      ),
    ];
  });
  return [
    `${problem}, after ${String(trace.length)} steps`,
    '─'.repeat(width),
    head,
    ...lines,
  ].join('\n');
}

function row(
  ...[lead, left, right, register, rest]: readonly [string, string, string, string, string]
): string {
  return `${lead.padEnd(5)}${left.padEnd(34)} ${right.padEnd(34)} ${register.padEnd(14)} ${rest}`.trimEnd();
}

/** Role, the guardian's lease, the gateway's; times are what is left on the host's own clock. */
function hostText({ node, cell, locked }: Host): string {
  const role = node === null ? 'down' : node.role;
  const lease =
    node === null || node.leaseUntilMs === null ? '' : ` lease ${leftText(node.leaseUntilMs)}`;
  const gateway =
    cell === null
      ? 'dead'
      : cell.untilMs === null || cell.untilMs <= 0
        ? 'fenced'
        : `ACTS e${String(cell.epoch)} ${leftText(cell.untilMs)}`;
  return `${role}${lease}, gw ${gateway}${locked ? ' +lock' : ''}`;
}

function leftText(untilMs: number): string {
  return untilMs === Infinity ? 'held' : String(untilMs);
}
