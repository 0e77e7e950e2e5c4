/** What can go wrong with a guardian, and what people ask of it: C.3 numbers 5, 6, 21 and 22. */
import { gatewayIds } from '../world/pair.ts';
import type { Scenario } from './stage.ts';

export const controllerScenarios: readonly Scenario[] = [
  {
    number: 5,
    title: 'controller crash: the gateway fences itself',
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, serves }) => {
      pair.guardians.a.signal('SIGKILL');
      await serves('b');
      pair.startGuardian('a');
      await pair.settled('b');
    },
  },
  {
    number: 5,
    title: 'controller crash on one host: the gateway keeps its lock and its role',
    setup: { register: 'lock' },
    endsWith: 'a',
    changes: 0,
    play: async ({ pair, pass }) => {
      pair.guardians.a.signal('SIGKILL');
      await pass(3);
      pair.startGuardian('a');
      await pair.settled('a');
    },
  },
  {
    number: 6,
    title: 'the whole host paused, as a virtual machine, and awake again',
    endsWith: 'b',
    changes: 1,
    play: async ({ lab, pair, serves, pass }) => {
      await lab.hosts.a.freeze();
      await serves('b');
      await pass(3);
      await lab.hosts.a.thaw();
      await pair.settled('b');
    },
  },
  {
    number: 6,
    title: 'controller frozen past its lease',
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, serves, pass }) => {
      pair.guardians.a.signal('SIGSTOP');
      await serves('b');
      await pass(3);
      pair.guardians.a.signal('SIGCONT');
      await pair.settled('b');
    },
  },
  {
    number: 21,
    title: 'planned handoff in the middle of a turn',
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, probe, serves, check }) => {
      probe.process.tell(JSON.stringify({ address: pair.addresses[0], turnMs: 800 }));
      await probe.process.line((line) => line.startsWith('turn ') && line.includes('begun'));
      const answer = await pair.feeds.a.order('home', 'hand-over');
      check(answer.ok, `the hand-over was accepted: ${answer.words}`);
      const turn = await probe.process.line(
        (line) => line.startsWith('turn ') && !line.includes('begun'),
      );
      check(turn.includes('"nonce"'), `the running turn was answered: ${turn}`);
      await serves('b');
    },
  },
  {
    number: 22,
    title: 'laptop asleep during a takeover',
    endsWith: 'b',
    changes: 1,
    play: async ({ lab, pair, shows, serves, pass, now }) => {
      await lab.hosts.client.freeze();
      pair.gateways.a.process.signal('SIGKILL');
      await shows('b', (view) => view.activeId === gatewayIds.b);
      await pass(5);
      const awakeMs = now();
      await lab.hosts.client.thaw();
      await serves('b', awakeMs);
    },
  },
];
