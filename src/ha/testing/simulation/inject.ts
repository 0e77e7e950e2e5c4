/** Makes the faults of a run happen, and end. */
import { assertNever } from '../../../base/index.ts';
import type { Agenda } from './agenda.ts';
import type { NameServer } from './clients.ts';
import type { Fault } from './faults.ts';
import type { Gateway } from './gateway.ts';
import type { Host } from './host.ts';
import { fairWeather } from './network.ts';
import type { Network, Place } from './network.ts';
import type { RegisterServer } from './register-server.ts';

export interface World {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly register: RegisterServer;
  readonly names: NameServer;
  /** The same one twice, if both gateways are on it. */
  readonly hosts: Readonly<Record<'A' | 'B', Host>>;
  readonly gateways: Readonly<Record<'A' | 'B', Gateway>>;
}

/** Enters a fault on the agenda, and its end. */
export function inject(world: World, fault: Fault): void {
  world.agenda.at(fault.atMs, () => {
    const end = begin(world, fault);
    world.agenda.after(fault.forMs, end);
  });
}

/** Begins a fault; gives back how it ends. */
function begin(
  { agenda, network, register, names, hosts, gateways }: World,
  fault: Fault,
): () => void {
  const cut = (...wires: readonly (readonly [Place, Place])[]): (() => void) => {
    for (const [from, to] of wires) network.cut(from, to);
    return () => {
      for (const [from, to] of wires) network.mend(from, to);
    };
  };
  switch (fault.kind) {
    case 'isolated': {
      const others = (['A', 'B', 'register', 'dns', 'client'] as const).filter(
        (place) => place !== fault.place,
      );
      return cut(
        ...others.flatMap((place): (readonly [Place, Place])[] => [
          [place, fault.place],
          [fault.place, place],
        ]),
      );
    }
    case 'partition':
      return cut(['A', 'B'], ['B', 'A']);
    case 'one-way':
      return cut([fault.from, fault.to]);
    case 'bad-weather': {
      const { lossRate, jitterMs, doubleRate } = fault;
      network.weather = { lossRate, jitterMs, doubleRate, delayMs: 5 };
      return () => {
        network.weather = { ...fairWeather };
      };
    }
    case 'guardian-crash':
      hosts[fault.place].crash();
      return () => hosts[fault.place].start();
    case 'guardian-freeze':
      hosts[fault.place].freeze();
      return () => hosts[fault.place].thaw();
    case 'gateway-crash': {
      const gateway = gateways[fault.place];
      for (let time = 0; time < fault.times; time += 1)
        agenda.after(time * 12_000, () => gateway.die());
      return () => undefined;
    }
    case 'gateway-freeze':
      gateways[fault.place].freeze();
      return () => gateways[fault.place].thaw();
    case 'gateway-lies':
      gateways[fault.place].lies = true;
      return () => {
        gateways[fault.place].lies = false;
      };
    case 'provider-outage':
      for (const gateway of Object.values(gateways)) gateway.providerDown = true;
      return () => {
        for (const gateway of Object.values(gateways)) gateway.providerDown = false;
      };
    case 'suspend':
      hosts[fault.place].suspend();
      return () => hosts[fault.place].resume();
    case 'power-loss':
      hosts[fault.place].crash();
      for (const gateway of hosts[fault.place].gateways) gateway.die();
      return () => {
        hosts[fault.place].start();
        for (const gateway of hosts[fault.place].gateways) gateway.start();
      };
    case 'register-down':
      register.up = false;
      return () => {
        register.up = true;
      };
    case 'disk-loss':
      register.record = null;
      return () => undefined;
    case 'slow-disk':
      register.writeMs = fault.writeMs;
      return () => {
        register.writeMs = 4;
      };
    case 'dns-down':
      names.up = false;
      return () => {
        names.up = true;
      };
    case 'click': {
      hosts[fault.place].ask(fault.request);
      return () => {
        if (fault.request === 'hold') hosts[fault.place].ask('unhold');
      };
    }
    default:
      return assertNever(fault);
  }
}
