/** The guardian as a program: `guardian --config guardian.json`. One JSON event a line on stdout; exit codes in docs/ha.md. */
import { errorText, systemRandom } from '../base/index.ts';
import { systemClock } from '../base/index.node.ts';
import { readGuardianConfig } from './config.node.ts';
import { exitCodes } from './exit-codes.ts';
import { startGuardian } from './guardian.node.ts';

const exitCode = await run();
process.exit(exitCode);

async function run(): Promise<number> {
  // Whoever read our output may go away; that is no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const path = configArgument(process.argv.slice(2));
  if (path === null) {
    process.stderr.write('Use: guardian --config guardian.json\n');
    return exitCodes.usage;
  }
  const config = readGuardianConfig(path);
  if (!config.ok) {
    process.stderr.write(`${config.error}\n`);
    return exitCodes.config;
  }

  const ended = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => ended.resolve(signal));
  process.on('SIGHUP', () => undefined); // the terminal or app that started it may close
  const clock = systemClock();
  try {
    const started = await startGuardian(config.value, {
      clock,
      random: systemRandom(),
      environment: process.env,
      onEvent: (pairId, event) =>
        writeLine({ type: 'event', at: new Date(event.atMs).toISOString(), pairId, ...event }),
    });
    if (!started.ok) {
      process.stderr.write(`The guardian did not start: ${started.error.words}\n`);
      return started.error.code === 'running' ? exitCodes.running : exitCodes.cannotCreate;
    }
    const timestamp = (): string => new Date(clock.wallMs()).toISOString();
    const pairs = config.value.pairs.map((pair) => pair.id);
    writeLine({
      type: 'started',
      at: timestamp(),
      pid: process.pid,
      socket: config.value.socket,
      pairs,
    });
    const reason = await Promise.race([
      ended.promise,
      started.value.stopAsked.then(() => 'asked over the socket'),
    ]);
    await started.value.stop();
    writeLine({ type: 'stopped', at: timestamp(), reason });
    return exitCodes.ended;
  } catch (error) {
    process.stderr.write(`The guardian failed: ${errorText(error)}\n`);
    return exitCodes.failed;
  }
}

function configArgument(words: readonly string[]): string | null {
  const [option, path, ...rest] = words;
  return option === '--config' && path !== undefined && rest.length === 0 ? path : null;
}

function writeLine(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
