import { failoverSums, failoverTable } from '../report.ts';
import { playRound, type FailoverRow } from '../round.ts';
import type { Check } from '../stage.ts';

const failovers = 10;
/** Every so many is cut off the moment Enter is pressed, the others in the middle of the answer. */
export const enterEvery = 5;

/** Three facts, then one kill -9 after the other, on the side that is active, in the middle of an answer. */
export const failoverCheck: Check = {
  name: 'failovers',
  title: `three facts, and ${failovers} kills in the middle of an answer`,
  play: async ({ rig, blame, figure }) => {
    for (const fact of [
      'the cat is called Mog',
      'the key is under the blue pot',
      'Tuesday is bin day',
    ])
      await rig.say(`Remember: ${fact}.`);
    const rows: FailoverRow[] = [];
    for (let number = 1; number <= failovers; number += 1) {
      const row = await playRound(rig, number, number % enterEvery === 0 ? 'enter' : 'answer');
      rows.push(row);
      blame(row.faults.map((fault) => `failover ${number}: ${fault}`));
    }
    for (const line of failoverTable(rows).split('\n')) figure(line);
    figure(failoverSums(rows));
  },
};
