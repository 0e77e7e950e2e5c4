/** What passes between the hosts of a lab: a switch's rules, written as one nftables script and swapped in at once. */
import type { HostName } from './lab.ts';

/** Drops frames on their way through the switch. Where `from` or `to` is left out, every host is meant. */
export interface Block {
  readonly from?: HostName;
  readonly to?: HostName;
  /** Only this port's packets, in the direction of the block (`dport`). Everything, ARP included, unless told. */
  readonly port?: { readonly protocol: 'udp' | 'tcp'; readonly number: number };
  /** The share of packets that is lost; all of them unless told. */
  readonly lossPercent?: number;
}

/** Both directions between two hosts. */
export function between(one: HostName, other: HostName): readonly Block[] {
  return [
    { from: one, to: other },
    { from: other, to: one },
  ];
}

/** A host without anybody, its link up. */
export function isolated(host: HostName): readonly Block[] {
  return [{ from: host }, { to: host }];
}

/** The nftables script that makes exactly these blocks hold in the namespace of the switch. */
export function switchRules(blocks: readonly Block[]): string {
  const rules = blocks.map((block) => `    ${ruleOf(block)}`).join('\n');
  return `table bridge lab
delete table bridge lab
table bridge lab {
  chain between {
    type filter hook forward priority 0; policy accept;
${rules}
  }
}
`;
}

function ruleOf({ from, to, port, lossPercent }: Block): string {
  return [
    ...(from === undefined ? [] : [`iifname "${from}"`]),
    ...(to === undefined ? [] : [`oifname "${to}"`]),
    ...(port === undefined ? [] : [`${port.protocol} dport ${port.number}`]),
    ...(lossPercent === undefined
      ? []
      : [`numgen random mod 1000 < ${Math.round(lossPercent * 10)}`]),
    'counter drop',
  ].join(' ');
}
