import { asksWhole } from '../round.ts';
import type { Check } from '../stage.ts';

const crashes = 20;
/** A gateway that is not up by then is killed on its way. */
const everyMs = 5_000;

/** The preferred gateway crashes again and again, as fast as it comes back, while a person goes on talking. */
export const stormCheck: Check = {
  name: 'storm',
  title: `${crashes} crashes of the preferred gateway in a row`,
  rig: { preempt: { preferred: 'primary', delaySeconds: 5 }, restartMs: 0 },
  play: async (stage) => {
    const { rig, check, figure } = stage;
    const epoch = rig.pair().epoch;
    await rig.say('Before the storm.');
    await rig.acknowledged();
    for (let crash = 1; crash <= crashes; crash += 1) {
      const killed = rig.pid('attic');
      rig.signal('attic', 'SIGKILL');
      if (crash === 1)
        await rig.until('bath is active', (_state, { activeId }) => activeId === 'bath');
      if (crash % 5 === 1) await rig.say(`Still there after crash ${crash}?`);
      await rig.until('attic was started again', () => rig.pid('attic') !== killed);
      await rig
        .until(
          'attic is back',
          ({ gateways }) =>
            gateways.some(({ id, state }) => id === 'attic' && state.phase === 'ready'),
          everyMs,
        )
        .catch(() => undefined);
    }
    const inStorm = rig.pair().epoch - epoch;
    await rig.until(
      'attic is back for good',
      (_state, { cover, busy, mirror }) =>
        cover === 'protected' && busy === null && mirror?.state === 'in-step',
      240_000,
    );
    check(inStorm <= 2, `${inStorm} changes of role in the storm`);
    figure(`changes of role in ${crashes} crashes: ${inStorm}`);
    await asksWhole(stage, rig.pair().activeId === 'bath' ? 'bath' : 'attic');
  },
};
