import { startDuties } from '../duties.ts';
import { other } from '../rig.ts';
import type { Check } from '../stage.ts';

const failovers = 5;

/** Jobs and a messenger, while the active gateway is killed again and again. */
export const dutyCheck: Check = {
  name: 'duties',
  title: `jobs and Telegram updates over ${failovers} kills: each once, never two pollers`,
  rig: { telegram: true },
  play: async ({ rig, blame, figure }) => {
    const { telegram } = rig;
    if (telegram === null) throw new Error('the rig has no Telegram');
    const duties = startDuties(rig, telegram);
    for (let number = 1; number <= failovers; number += 1) {
      const from = rig.pair().activeId === 'bath' ? 'bath' : 'attic';
      const to = other(from);
      await rig.settledOn(from);
      await duties.before(number, from);
      rig.signal(from, 'SIGKILL');
      const killedMs = rig.now();
      duties.during(number);
      await rig.until(`${to} is active`, (_state, { activeId }) => activeId === to);
      await duties.after(number);
      figure(
        `failover ${number}: everything done ${Math.round(rig.now() - killedMs)} ms after the kill`,
      );
      await rig.settledOn(to);
    }
    blame(duties.verdict());
    figure(`polls that met another one: ${telegram.conflicts}`);
  },
};
