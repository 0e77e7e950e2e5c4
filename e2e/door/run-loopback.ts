/**
 * `npm run trust -- loopback [--only TEXT] [--planted]`: M9. Exit codes: 0 nothing got through and all of it is in the log,
 * 1 something did or is not; with `--planted`, which opens a hole on purpose, 0 when it is found.
 */
import { parseArgs } from 'node:util';

import { openAgentDoor } from '../../src/trust/index.node.ts';
import { attackLoopback, problemsOf } from './loopback.ts';
import { unguardedDoor } from './unguarded-door.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    planted: { type: 'boolean', default: false },
  },
});
const report = await attackLoopback(
  values.planted ? await unguardedDoor() : { openAgentDoor },
  values.only,
);
for (const { name, arrived, refused, calls, seen } of report.attempts)
  process.stdout.write(
    `${name}: ${arrived} arrived, ${refused} refused and logged, ${calls} tool calls (saw: ${seen.slice(0, 60)})\n`,
  );
const problems = problemsOf(report);
const total = (what: 'arrived' | 'refused' | 'calls'): number =>
  report.attempts.reduce((sum, attempt) => sum + attempt[what], 0);
process.stdout.write(
  `${report.attempts.length} forms, ${total('arrived')} requests, ${total('refused')} refused and logged, ${total('calls')} tool calls\n`,
);
for (const problem of problems) process.stderr.write(`${problem}\n`);
const isFound = problems.length > 0;
process.exitCode = isFound === values.planted ? 0 : 1;
