import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { appendToArchive, archive, beginArchive } from '../bulk.ts';
import { asksWhole } from '../round.ts';
import type { Check } from '../stage.ts';

const messages = 1_000;
/** More in all than a database keeps room for. */
const text = 'x'.repeat(10_000); // as an argument of a program it may be 128 kB
const blockBytes = 1 << 20;

/** Reference scenario 19: what the standby could not write is never taken for copied, and nobody waits for it. */
export const diskCheck: Check = {
  name: 'disk',
  title: `the disk of the standby is full while ${messages.toLocaleString('en')} messages come`,
  rig: { smallDisk: 'bath' },
  play: async (stage) => {
    const { rig, check, figure } = stage;
    await rig.say('Before the disk is full.');
    await beginArchive(rig, 'attic');
    await rig.settledOn('attic');
    const filler = join(rig.home, 'gateways', 'bath', 'filler');
    fill(filler);
    rig.note('the disk of bath is full');
    await appendToArchive(rig, 'attic', messages, text);
    await rig.say('While the disk is full.');
    const [whole, stuck] = [await rig.marks('attic'), await rig.marks('bath').catch(() => ({}))];
    check(JSON.stringify(whole) !== JSON.stringify(stuck), 'the disk of the standby was not full');
    check(rig.pair().mirror?.state !== 'in-step', 'the copy is said to be whole, and it is not');
    figure(`with a full disk: ${rig.pair().cover}, ${rig.pair().mirror?.state ?? 'no mirror'}`);

    rmSync(filler);
    rig.note('the disk of bath has room');
    const freedMs = rig.now();
    await rig.settledOn('attic', 300_000);
    figure(`in step ${((rig.now() - freedMs) / 1_000).toFixed(1)} s after there was room`);
    const [here, there] = [await rig.marks('attic'), await rig.marks('bath')];
    check(JSON.stringify(here) === JSON.stringify(there), 'the two do not hold the same');
    check((there[archive]?.rows ?? 0) > messages, 'bath lacks rows of the archive');
    rig.signal('attic', 'SIGKILL');
    await rig.until('bath is active', (_state, { activeId }) => activeId === 'bath');
    await rig.settledOn('bath');
    await asksWhole(stage, 'bath');
  },
};

/** Writes until nothing more fits. */
function fill(path: string): void {
  for (const bytes of [blockBytes, 4_096, 1])
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
}
