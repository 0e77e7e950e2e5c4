import { readFile } from 'node:fs/promises';

import { errorText, fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { exitCodes } from '../guardian/exit-codes.ts';
import { hmacSha256 } from '../register/hmac.node.ts';
import type { Hmac } from '../register/tsig.ts';
import { readSecret } from '../secret-source.node.ts';
import { missingSecretWords } from '../secret-source.ts';
import { parseWitnessConfig } from './config.ts';
import type { WitnessConfig } from './config.ts';
import { startWitness } from './server.node.ts';

const shortestSecret = 16;
const usage = 'Use: guardian witness --config witness.json\n';
const example = `
witness.json:
  {
    "version": 1,
    "listen": { "host": "10.0.0.5", "port": 7420 },
    "stateDir": "/var/lib/switchyard-witness",
    "pairs": [{ "id": "home", "secret": { "file": "/etc/switchyard/witness-home" } }]
  }
Make each secret with \`openssl rand -base64 32\` and give it to both guardians of that pair.
`;

/**
 * The witness as a program, until SIGTERM or SIGINT: one JSON object a line on stdout, words about a failed start on stderr.
 * @param args what follows `witness`
 * @returns the exit code
 */
export async function runWitness(args: readonly string[]): Promise<number> {
  const [option, path, ...rest] = args;
  if (option === '--help') {
    process.stdout.write(`${usage}${example}`);
    return exitCodes.ended;
  }
  if (option !== '--config' || path === undefined || rest.length > 0) {
    process.stderr.write(usage);
    return exitCodes.usage;
  }
  const config = await readConfig(path);
  const keys = config.ok ? await readKeys(config.value) : config;
  if (!config.ok || !keys.ok) {
    const words = keys.ok ? '' : keys.error;
    process.stderr.write(`${words.replaceAll(/^/gmu, `${path}: `)}\n`);
    return exitCodes.config;
  }
  const ended = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => ended.resolve(signal));
  process.on('SIGHUP', () => undefined); // the terminal that started it may close
  const clock = systemClock();
  const write = (line: Readonly<Record<string, unknown>>): void => {
    const { type, ...fields } = line;
    const at = new Date(clock.wallMs()).toISOString();
    process.stdout.write(`${JSON.stringify({ type, at, ...fields })}\n`);
  };
  const { listen, stateDir } = config.value;
  const started = await startWitness({
    listen,
    stateDir,
    keys: keys.value,
    clock,
    onNews: ({ kind, ...news }) => write({ type: kind, ...news }),
  });
  if (!started.ok) {
    process.stderr.write(`The witness did not start: ${started.error.words}\n`);
    return started.error.code === 'running' ? exitCodes.running : exitCodes.cannotCreate;
  }
  const pairs = [...keys.value.keys()];
  write({ type: 'started', pid: process.pid, host: listen.host, port: started.value.port, pairs });
  const reason = await ended.promise;
  await started.value.stop();
  write({ type: 'stopped', reason });
  return exitCodes.ended;
}

async function readConfig(path: string): Promise<Result<WitnessConfig, string>> {
  try {
    return parseWitnessConfig(await readFile(path, 'utf8'));
  } catch (error) {
    return fail(`it cannot be read (${errorText(error)}); name a file with --config`);
  }
}

async function readKeys(config: WitnessConfig): Promise<Result<Map<string, Hmac>, string>> {
  const keys = new Map<string, Hmac>();
  const problems: string[] = [];
  for (const [index, { id, secret }] of config.pairs.entries()) {
    const text = await readSecret(secret, process.env);
    const place = `pairs[${index}].secret`;
    if (text === null) problems.push(`${place}: ${missingSecretWords(secret)}`);
    else if (text.length < shortestSecret)
      problems.push(
        `${place}: the secret is too short; make one with \`openssl rand -base64 32\` and give it to both guardians`,
      );
    else keys.set(id, hmacSha256(text));
  }
  return problems.length === 0 ? ok(keys) : fail(problems.join('\n'));
}
