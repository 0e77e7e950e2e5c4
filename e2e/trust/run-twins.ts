// npm run trust -- twins [--scripts N] [--seed N] [--planted]: N scripts (1,000 unless told) of what a person does, each in two worlds
// that differ in everything personal; what the work side receives must be the same in both, byte by byte but for keys, ids and times.
// With --planted one of them says something of its own at work, which must be seen. Exit code 1 at a difference.

import { parseArgs } from 'node:util';

import { playTwins } from './twins.ts';

const { values } = parseArgs({
  options: {
    scripts: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    planted: { type: 'boolean', default: false },
  },
});
const { acts, frames, characters, difference } = await playTwins(
  Number(values.scripts),
  Number(values.seed),
  values.planted,
);
const count = (value: number): string => value.toLocaleString('en');
process.stdout.write(
  difference === null
    ? `holds: ${count(Number(values.scripts))} scripts of ${count(acts)} acts in two worlds: ${count(frames)} frames, ${count(characters)} characters at work, 0 differences\n`
    : `✗ ${difference}\n\nDOES NOT HOLD\n`,
);
process.exit(difference === null ? 0 : 1);
