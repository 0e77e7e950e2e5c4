/** The program `guardian`: guards, watches over itself, or asks the one that runs. Use and exit codes in docs/ha.md. */
import { assertNever } from '../../base/index.ts';
import { parseArguments, usage } from './arguments.ts';
import type { Invocation } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';

// Whoever reads our output may go away; that is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const invocation = parseArguments(process.argv.slice(2));
process.exit(invocation.ok ? await dispatch(invocation.value) : misused(invocation.error));

/** Each way of being used loads only what it needs: a watchdog shall cost little beside the guardian. */
async function dispatch(asked: Invocation): Promise<number> {
  switch (asked.kind) {
    case 'run':
      return (await import('./run.node.ts')).runGuardian(asked);
    case 'watch':
      return (await import('./watch.node.ts')).watchGuardian(asked);
    case 'status':
    case 'stop':
    case 'command':
      return (await import('./ask.node.ts')).askGuardian(asked);
    case 'units':
      return (await import('./units.node.ts')).provideUnit(asked);
    case 'witness':
      return (await import('../witness/run-witness.node.ts')).runWitness(asked.words);
    case 'help':
      process.stdout.write(usage);
      return exitCodes.ended;
    default:
      return assertNever(asked);
  }
}

function misused(problem: string): number {
  process.stderr.write(`${problem}\n${usage}`);
  return exitCodes.usage;
}
