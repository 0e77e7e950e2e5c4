/** Those who follow the active gateway: DNS, where the newest epoch wins, and clients that send and remember epochs. */
import type { Agenda } from './agenda.ts';
import type { Gateway } from './gateway.ts';
import type { Host } from './host.ts';
import type { Network } from './network.ts';

export interface NameServer {
  up: boolean;
  readonly address: string | null;
  readonly epoch: number;
  /** Tries until it is written or overtaken. */
  publish(host: Host, epoch: number, address: string): void;
}

const retryMs = 500;

export function createNameServer(agenda: Agenda, network: Network): NameServer {
  let address: string | null = null;
  let epoch = 0;
  const newest = { A: 0, B: 0 };
  const server: NameServer = {
    up: true,
    get address() {
      return address;
    },
    get epoch() {
      return epoch;
    },
    publish: (host, published, to) => {
      newest[host.place] = Math.max(newest[host.place], published);
      const attempt = (): void => {
        // What an older epoch still wants, or one that the name has left behind, is given up.
        if (published < newest[host.place] || published < epoch || host.state() === null) return;
        if (address === to && epoch === published) return;
        network.send(host.place, 'dns', () => {
          if (!server.up || published < epoch) return;
          address = to;
          epoch = published;
        });
        agenda.after(retryMs, attempt);
      };
      attempt();
    },
  };
  return server;
}

/** An effect that a client saw: which gateway made it, in which epoch. */
export interface Effect {
  readonly gatewayId: string;
  readonly epoch: number;
}

export interface Client {
  readonly accepted: number;
  readonly refusedAsStale: number;
}

/**
 * A client that sends a message every so often to both addresses it knows. A gateway that may act answers, a little later;
 * the client keeps the highest epoch and refuses answers of a lower one.
 * @param onLanding called when an effect of a gateway lands, before the client judges it
 */
export function createClient(
  agenda: Agenda,
  network: Network,
  gateways: Readonly<Record<'A' | 'B', Gateway>>,
  everyMs: number,
  onLanding: (effect: Effect) => void,
): Client {
  let highest = 0;
  const client = { accepted: 0, refusedAsStale: 0 };
  const send = (): void => {
    for (const place of ['A', 'B'] as const) {
      const gateway = gateways[place];
      const answered = (epoch: number): void => {
        onLanding({ gatewayId: gateway.id, epoch });
        network.send(place, 'client', () => {
          if (epoch < highest) client.refusedAsStale += 1;
          else {
            highest = epoch;
            client.accepted += 1;
          }
        });
      };
      network.send('client', place, () => gateway.act(answered));
    }
    agenda.after(everyMs, send);
  };
  agenda.after(everyMs, send);
  return client;
}
