import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { readGuardianConfig } from '../config.node.ts';
import type { Invocation } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import { openLogFile } from './log-file.node.ts';
import { ended } from './signals.node.ts';
import { runWatchdog } from './watchdog.node.ts';

/** The watchdog as a process; gives the exit code. */
export async function watchGuardian(
  watch: Extract<Invocation, { kind: 'watch' }>,
): Promise<number> {
  const config = readGuardianConfig(watch.config);
  if (!config.ok) {
    process.stderr.write(`${config.error}\n`);
    return exitCodes.config;
  }
  const [, entry = ''] = process.argv;
  const logWords = watch.log === null ? [] : ['--log', watch.log];
  const log = watch.log === null ? null : openLogFile(watch.log, { rotate: false });
  const stop = new AbortController();
  void ended().then(() => stop.abort());
  const { stateDir, socket } = config.value;
  const code = await runWatchdog(
    {
      stateDir,
      socket,
      command: {
        node: process.execPath,
        arguments: [...process.execArgv, entry, '--config', watch.config, '--watched', ...logWords],
      },
      wait: watch.wait,
      clock: systemClock(),
      random: systemRandom(),
      onLine: (line) => {
        const text = JSON.stringify(line);
        if (log === null) process.stdout.write(`${text}\n`);
        else log.write(text);
      },
    },
    stop.signal,
  );
  await log?.close();
  return code;
}
