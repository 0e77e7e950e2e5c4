/** The wires between the hosts, the register, DNS and the clients: they delay, lose and double what they carry. */
import type { Agenda } from './agenda.ts';
import type { SeededRandom } from '../../../base/testing/seeded-random.ts';

export type Place = 'A' | 'B' | 'register' | 'dns' | 'client';

export interface Network {
  /** Carries `arrive` from one place to another, if it gets through; sometimes twice. */
  send(from: Place, to: Place, arrive: () => void): void;
  /** Cuts one direction. */
  cut(from: Place, to: Place): void;
  mend(from: Place, to: Place): void;
  /** What every wire is like. */
  weather: { lossRate: number; doubleRate: number; delayMs: number; jitterMs: number };
}

export const fairWeather: Network['weather'] = {
  lossRate: 0,
  doubleRate: 0,
  delayMs: 1,
  jitterMs: 2,
};

export function createNetwork(agenda: Agenda, random: SeededRandom): Network {
  const cuts = new Map<string, number>();
  const wire = (from: Place, to: Place): string => `${from}>${to}`;
  const network: Network = {
    weather: { ...fairWeather },
    send: (from, to, arrive) => {
      const { lossRate, doubleRate, delayMs, jitterMs } = network.weather;
      const copies = random.chance(doubleRate) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        if ((cuts.get(wire(from, to)) ?? 0) > 0 || random.chance(lossRate)) continue;
        agenda.after(delayMs + random.unit() * jitterMs, arrive);
      }
    },
    cut: (from, to) => void cuts.set(wire(from, to), (cuts.get(wire(from, to)) ?? 0) + 1),
    mend: (from, to) => void cuts.set(wire(from, to), (cuts.get(wire(from, to)) ?? 0) - 1),
  };
  return network;
}
