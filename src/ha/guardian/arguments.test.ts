import { describe, expect, it } from 'vitest';

import { parseArguments } from './arguments.ts';

const config = '/home/ada/guardian.json';

describe('the arguments of “guardian”', () => {
  it.each([
    ['--config C', { kind: 'run', config, log: null, watched: false }],
    ['--config C --watched --log L', { kind: 'run', config, log: 'L', watched: true }],
    ['--config C --watch', { kind: 'watch', config, log: null, wait: false }],
    ['--watch --wait --log L --config C', { kind: 'watch', config, log: 'L', wait: true }],
    ['status --config C', { kind: 'status', config, json: false }],
    ['status --json --config C', { kind: 'status', config, json: true }],
    ['stop --config C', { kind: 'stop', config }],
    ['hand-over --config C', { kind: 'command', config, pairId: null, command: 'hand-over' }],
    ['hold --pair home --config C', { kind: 'command', config, pairId: 'home', command: 'hold' }],
    ['drill --config C', { kind: 'command', config, pairId: null, command: 'drill' }],
    ['end-drill --config C', { kind: 'command', config, pairId: null, command: 'end-drill' }],
    ['force --yes --config C', { kind: 'command', config, pairId: null, command: 'force' }],
    [
      'units --print systemd --config C',
      { kind: 'units', config, log: null, system: 'systemd', install: false },
    ],
    [
      'units --install launchd --config C --log L',
      { kind: 'units', config, log: 'L', system: 'launchd', install: true },
    ],
    ['witness --config W --help', { kind: 'witness', words: ['--config', 'W', '--help'] }],
    ['--help', { kind: 'help' }],
  ])('understands %s', (words, expected) => {
    const parsed = parseArguments(words.replace('C', config).split(' '));
    expect(parsed).toEqual({ ok: true, value: expected });
  });

  it.each([
    ['', 'with --config FILE'],
    ['status', 'with --config FILE'],
    ['--config', 'needs a value'],
    ['--config --watch', 'needs a value'],
    ['obey --config C', '“obey” is not known'],
    ['status now --config C', '“now” is too much'],
    ['--loud --config C', '--loud is not known'],
    ['units --print upstart --config C', 'systemd-system'],
    ['units --config C', '--print or --install'],
    ['force --config C', 'two gateways active'],
    ['force-alone --config C', 'two gateways active'],
  ])('refuses “%s” and says why', (words, reason) => {
    const parsed = parseArguments(words.split(' ').filter((word) => word !== ''));
    expect(parsed).toEqual({ ok: false, error: expect.stringContaining(reason) as string });
  });
});
