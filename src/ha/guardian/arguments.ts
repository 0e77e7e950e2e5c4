/** What was asked of the program `guardian`, read from its arguments. Pure. */
import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { PairCommandName } from '../../shared/index.ts';

export const unitSystems = ['systemd', 'systemd-system', 'launchd'] as const;
export type UnitSystem = (typeof unitSystems)[number];

/** A guardian that runs here, or a question to one that does. `log`: a file for its lines, in place of standard output. */
export type Invocation =
  | {
      readonly kind: 'run';
      readonly config: string;
      readonly log: string | null;
      /** A watchdog started it and listens on the channel between the two. */
      readonly watched: boolean;
    }
  | {
      readonly kind: 'watch';
      readonly config: string;
      readonly log: string | null;
      /** Wait while another watchdog runs, and take its place when it goes. */
      readonly wait: boolean;
    }
  | { readonly kind: 'status'; readonly config: string; readonly json: boolean }
  | { readonly kind: 'stop'; readonly config: string }
  | {
      readonly kind: 'command';
      readonly config: string;
      readonly pairId: string | null;
      readonly command: PairCommandName;
    }
  | {
      readonly kind: 'units';
      readonly config: string;
      readonly system: UnitSystem;
      readonly install: boolean;
      readonly log: string | null;
    }
  | { readonly kind: 'witness'; readonly words: readonly string[] }
  | { readonly kind: 'help' };

export const usage = `use: guardian --config FILE [--log FILE]           guard the pairs of FILE
     guardian --config FILE --watch [--wait]       the same, started again whenever it dies
     guardian status --config FILE [--json]        who is active, and is the other ready
     guardian hand-over --config FILE [--pair ID]  give the role to the other gateway, in order
     guardian hold | unhold --config FILE [--pair ID]
                                                   switch automatic changes off, and on again
     guardian drill --config FILE [--pair ID]      prove the pair: hand over and back, and print what was found
     guardian end-drill --config FILE [--pair ID]  end a drill that runs; the role comes back first
     guardian force --config FILE [--pair ID] --yes
                                                   take the role here without evidence, after the other's lease
     guardian force-alone --config FILE [--pair ID] --yes
                                                   the same without register and peer: only if the other is off
     guardian stop --config FILE                   end the guardian and its watchdog: nobody guards then
     guardian units --print | --install systemd | systemd-system | launchd --config FILE [--log FILE]
     guardian witness …                            the register for two hosts; see “guardian witness --help”
`;

const commands: readonly PairCommandName[] = [
  'hand-over',
  'hold',
  'unhold',
  'force',
  'force-alone',
  'drill',
  'end-drill',
];

/** What must be said twice, because it can end in two active gateways or in none. */
const dangerous: readonly PairCommandName[] = ['force', 'force-alone'];

const flags = ['--watch', '--wait', '--watched', '--json', '--yes', '--help'] as const;
const valued = ['--config', '--log', '--pair', '--print', '--install'] as const;

/** Reads the words after the program's name; the error says what is wrong with them. */
export function parseArguments(words: readonly string[]): Result<Invocation, string> {
  if (words[0] === 'witness') return ok({ kind: 'witness', words: words.slice(1) });
  const read = readOptions(words);
  if (!read.ok) return read;
  const { set, values, plain } = read.value;
  if (set.has('--help')) return ok({ kind: 'help' });
  const config = values.get('--config');
  if (config === undefined) return fail('name the configuration with --config FILE');
  const log = values.get('--log') ?? null;
  const pairId = values.get('--pair') ?? null;
  const [verb, ...rest] = plain;
  if (rest.length > 0) return fail(`“${rest.join(' ')}” is too much`);

  switch (verb) {
    case undefined:
      return set.has('--watch')
        ? ok({ kind: 'watch', config, log, wait: set.has('--wait') })
        : ok({ kind: 'run', config, log, watched: set.has('--watched') });
    case 'status':
      return ok({ kind: 'status', config, json: set.has('--json') });
    case 'stop':
      return ok({ kind: 'stop', config });
    case 'units':
      return parseUnits(config, log, values);
    default: {
      const command = commands.find((name) => name === verb);
      if (command === undefined) return fail(`“${verb}” is not known`);
      if (dangerous.includes(command) && !set.has('--yes'))
        return fail(`${command} can leave two gateways active; say --yes if you mean it`);
      return ok({ kind: 'command', config, pairId, command });
    }
  }
}

interface Options {
  readonly set: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly plain: readonly string[];
}

function readOptions(words: readonly string[]): Result<Options, string> {
  const set = new Set<string>();
  const values = new Map<string, string>();
  const plain: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (flags.some((flag) => flag === word)) set.add(word);
    else if (valued.some((option) => option === word)) {
      const value = words[(index += 1)];
      if (value === undefined || value.startsWith('--')) return fail(`${word} needs a value`);
      values.set(word, value);
    } else if (word.startsWith('-')) return fail(`${word} is not known`);
    else plain.push(word);
  }
  return ok({ set, values, plain });
}

function parseUnits(
  config: string,
  log: string | null,
  values: ReadonlyMap<string, string>,
): Result<Invocation, string> {
  const wanted = values.get('--install') ?? values.get('--print');
  const system = unitSystems.find((name) => name === wanted);
  return system === undefined
    ? fail(`say --print or --install with ${unitSystems.join(', ')}`)
    : ok({ kind: 'units', config, log, system, install: values.has('--install') });
}
