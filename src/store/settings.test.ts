import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Settings } from './model.ts';
import { panesOf } from './panes.ts';
import { parseSettings, problemText, serialiseSettings } from './settings.ts';
import { nearestWord } from './settings-issues.ts';
import { defaultSettings } from './settings-schema.ts';

const full: Settings = {
  version: 1,
  domains: [
    { id: 'personal', name: 'Personal', colour: 'teal' },
    { id: 'work', name: 'Work', colour: 'indigo' },
    { id: 'client', name: 'Client A', colour: 'amber' },
  ],
  gateways: [
    {
      id: 'home',
      name: 'Home',
      domain: 'personal',
      kind: 'managed',
      port: 18_789,
      model: { provider: 'echo', baseUrl: 'http://127.0.0.1:9000/v1', id: 'echo' },
    },
    {
      id: 'home-standby',
      name: 'Home standby',
      domain: 'personal',
      kind: 'managed',
      port: 18_909,
      model: null,
    },
    {
      id: 'acme',
      name: 'Acme',
      domain: 'work',
      kind: 'portal',
      portal: 'https://portal.example',
      code: 'acme',
    },
    { id: 'lab', name: 'Lab', domain: 'work', kind: 'remote', url: 'wss://lab.example' },
  ],
  pairs: [
    {
      id: 'house',
      name: 'House',
      primary: 'home',
      standby: 'home-standby',
      profile: 'fast',
      preempt: { preferred: 'primary', delaySeconds: 90 },
      plugin: true,
      workspace: { kind: 'git', remote: 'home' },
      place: { kind: 'this-computer' },
    },
  ],
  rules: [
    {
      id: 'r1',
      name: 'Projects',
      enabled: true,
      when: { kind: 'contains', text: 'ATLAS' },
      then: 'work',
    },
    {
      id: 'r2',
      name: 'Tickets',
      enabled: false,
      when: { kind: 'regex', pattern: '\\bINC-\\d+' },
      then: 'work',
    },
    {
      id: 'r3',
      name: 'From home',
      enabled: true,
      when: { kind: 'pane', pane: 'house' },
      then: 'personal',
    },
  ],
  updates: { feed: 'https://updates.example/switchyard' },
  demo: false,
};

/** The text of `full` after a change, and the problems found in it. */
function problemsAfter(change: (text: string) => string): readonly string[] {
  const text = change(serialiseSettings(full));
  expect(text).not.toBe(serialiseSettings(full));
  const parsed = parseSettings(text);
  return parsed.ok ? [] : parsed.error.map(problemText);
}

const lineOf = (needle: string): number =>
  serialiseSettings(full).split(needle, 1)[0]?.split('\n').length ?? 0;

describe('settings text', () => {
  it('reads what it writes', () => {
    const parsed = parseSettings(serialiseSettings(full));
    expect(parsed).toEqual({ ok: true, value: full });
    expect(parsed.ok && serialiseSettings(parsed.value)).toBe(serialiseSettings(full));
  });

  it('writes the same text whatever the order of keys', () => {
    const shuffled = Object.fromEntries(Object.entries(full).reverse()) as unknown as Settings;
    expect(serialiseSettings(shuffled)).toBe(serialiseSettings(full));
  });

  it('lets fall what an older file says of trust', () => {
    const older = parseSettings('{ "version": 1, "trust": { "personalToWork": true } }');
    expect(older).toEqual({ ok: true, value: defaultSettings });
    expect(older.ok && serialiseSettings(older.value)).not.toContain('trust');
  });

  it('fills in what is left out', () => {
    expect(parseSettings('{ "version": 1 }')).toEqual({ ok: true, value: defaultSettings });
    const parsed = parseSettings(
      '{"version":1,"rules":[{"id":"r","name":"R","when":{"kind":"contains","text":"x"},"then":"work"}]}',
    );
    expect(parsed.ok && parsed.value.rules[0]?.enabled).toBe(true);
  });

  it('never throws, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        parseSettings(JSON.stringify(value));
        parseSettings(JSON.stringify({ ...defaultSettings, gateways: value }));
        parseSettings(JSON.stringify({ ...defaultSettings, rules: [value] }));
      }),
    );
  });
});

describe('faults of the settings', () => {
  it.each<[string, (text: string) => string, string]>([
    [
      'a syntax error',
      (text) => text.replace('"rules": [', '"rules": [,'),
      `line ${lineOf('"rules"')}: a value should stand here`,
    ],
    [
      'an unknown key',
      (text) => text.replace('"updates"', '"upadtes"'),
      `line ${lineOf('"updates"')}, upadtes: “upadtes” is not known here; did you mean “updates”?`,
    ],
    [
      'an unknown key inside',
      (text) => text.replace('"provider"', '"zzzzzzzz"'),
      `gateways[0].model.zzzzzzzz: “zzzzzzzz” is not known here; known are “provider”, “baseUrl” and “id”`,
    ],
    [
      'an unknown key of a gateway',
      (text) => text.replace('"url":', '"uri":'),
      `line ${lineOf('"url"')}, gateways[3].uri: “uri” is not known here; did you mean “url”?`,
    ],
    [
      'a missing key',
      (text) => text.replace('"url": "wss://lab.example"', '"name2": "x"'),
      'gateways[3].url: “url” is missing',
    ],
    [
      'a wrong type',
      (text) => text.replace('18909', '"18909"'),
      `line ${lineOf('18909')}, gateways[1].port: “port” must be a number`,
    ],
    [
      'a port out of range',
      (text) => text.replace('18909', '80'),
      `line ${lineOf('18909')}, gateways[1].port: “port” must be at least 1024`,
    ],
    [
      'a wrong colour',
      (text) => text.replace('"amber"', '"pink"'),
      '“colour” must be “teal”, “indigo”, “amber”, “rose” or “slate”',
    ],
    [
      'a wrong kind of gateway',
      (text) => text.replace('"remote"', '"distant"'),
      '“kind” must be “managed”, “remote” or “portal”',
    ],
    [
      'a wrong kind of condition',
      (text) => text.replace('"kind": "contains"', '"kind": "has"'),
      '“kind” must be “contains”, “regex” or “pane”',
    ],
    [
      'a newer version',
      (text) => text.replace('"version": 1', '"version": 2'),
      'line 2, version: this file was written by a newer Switchyard (version 2 of the format; this one knows 1)',
    ],
    [
      'no version',
      (text) => text.replace('"version": 1,', ''),
      'line 1, version: “version” is missing',
    ],
    [
      'an unknown domain',
      (text) => text.replace('"domain": "personal"', '"domain": "persnal"'),
      'gateways[0].domain: there is no domain with the id “persnal”',
    ],
    [
      'no personal domain',
      (text) => text.replaceAll('"personal"', '"private"'),
      'domains: there must be a domain with the id “personal”',
    ],
    [
      'a duplicate id',
      (text) => text.replace('"id": "lab"', '"id": "acme"'),
      `line ${lineOf('"lab"')}, gateways[3].id: the id “acme” is already used above`,
    ],
    [
      'a pair with the id of a gateway',
      (text) => text.replace('"id": "house"', '"id": "lab"'),
      'pairs[0].id: the id “lab” is already used above',
    ],
    [
      'a duplicate rule id',
      (text) => text.replace('"id": "r2"', '"id": "r1"'),
      'rules[1].id: the id “r1” is already used above',
    ],
    [
      'names alike but for case and hyphens',
      (text) => text.replace('"name": "Lab"', '"name": "HOME_Standby"'),
      'gateways[3].name: “HOME_Standby” and “Home standby” are the same when written as @home-standby',
    ],
    [
      'a name of another domain',
      (text) => text.replace('"name": "Lab"', '"name": "Personal"'),
      'gateways[3].name: @personal names the domain “personal”, and this is not in it',
    ],
    [
      'a name without letters',
      (text) => text.replace('"name": "Lab"', '"name": "★"'),
      'gateways[3].name: “★” has no letter or digit',
    ],
    [
      'two domains alike',
      (text) => text.replace('"name": "Client A"', '"name": "WORK"'),
      'domains[2].name: @work already names the domain “work”',
    ],
    [
      'ports too near',
      (text) => text.replace('18909', '18908'),
      'gateways[1].port: port 18908 is too near to 18789 of “Home”; they must be at least 120 apart',
    ],
    [
      'a pair over two domains',
      (text) => text.replace('"standby": "home-standby"', '"standby": "lab"'),
      'pairs[0].standby: “Lab” is in the domain “work” and “Home” in “personal”',
    ],
    [
      'a pair of itself',
      (text) => text.replace('"standby": "home-standby"', '"standby": "home"'),
      'pairs[0].standby: a gateway cannot stand by for itself',
    ],
    [
      'a pair of nobody',
      (text) => text.replace('"standby": "home-standby"', '"standby": "house-2"'),
      'pairs[0].standby: there is no gateway with the id “house-2”',
    ],
    [
      'a rule to nowhere',
      (text) => text.replace('"then": "personal"', '"then": "play"'),
      'rules[2].then: there is no domain with the id “play”',
    ],
    [
      'a rule of an unknown pane',
      (text) => text.replace('"pane": "house"', '"pane": "cellar"'),
      'rules[2].when.pane: there is no pane with the id “cellar”',
    ],
    [
      'a rule of a member of a pair',
      (text) => text.replace('"pane": "house"', '"pane": "home"'),
      'rules[2].when.pane: “home” is a member of the pair “house”; name the pair',
    ],
    [
      'a broken regular expression',
      (text) => text.replace('\\\\bINC-\\\\d+', '(INC'),
      'rules[1].when.pattern: this regular expression cannot be used: ',
    ],
    [
      'look-around',
      (text) => text.replace('\\\\bINC-\\\\d+', '(?=INC)'),
      'rules[1].when.pattern: this regular expression cannot be used: ',
    ],
    [
      'a password in an address',
      (text) => text.replace('wss://lab.example', 'wss://me:pass@lab.example'),
      'gateways[3].url: this address holds a user name or password',
    ],
    [
      'a token in an address',
      (text) => text.replace('wss://lab.example', 'wss://lab.example/?token=abc'),
      'gateways[3].url: this address holds something after ? or #',
    ],
    [
      'a token in the address of updates',
      (text) => text.replace('https://updates.example/switchyard', 'https://updates.example/#k'),
      'updates.feed: this address holds something',
    ],
    [
      'an address that is none',
      (text) => text.replace('https://portal.example', 'portal'),
      'gateways[2].portal: “portal” must be a web address',
    ],
  ])('names %s', (_name, change, expected) => {
    expect(problemsAfter(change).join('\n')).toContain(expected);
  });

  it('names every fault at once, in the order of the file', () => {
    const problems = problemsAfter((text) =>
      text
        .replace('"then": "personal"', '"then": "play"')
        .replace('18909', '18790')
        .replace('"name": "Lab"', '"name": "acme"'),
    );
    expect(problems.map((problem) => /, ([^:]+):/u.exec(problem)?.[1])).toEqual([
      'gateways[1].port',
      'gateways[3].name',
      'rules[2].then',
    ]);
  });

  it('refuses a gateway in two pairs', () => {
    const twice: Settings = {
      ...full,
      pairs: [...full.pairs, { ...full.pairs[0]!, id: 'attic', name: 'Attic' }],
    };
    const parsed = parseSettings(JSON.stringify(twice));
    expect(parsed.ok ? [] : parsed.error.map((problem) => problem.message)).toEqual([
      '“home” is already in the pair “house”',
      '“home-standby” is already in the pair “house”',
    ]);
  });

  it('leaves an address that no gateway can have to the gateway’s own state', () => {
    expect(problemsAfter((text) => text.replace('wss://lab.example', 'lab'))).toEqual([]);
  });

  it('lets a gateway be named like its own domain', () => {
    expect(problemsAfter((text) => text.replace('"name": "Lab"', '"name": "work"'))).toEqual([]);
  });
});

describe('panesOf', () => {
  it('makes one pane of a pair, in the place of its first member', () => {
    expect(panesOf(full).map(({ id, memberIds }) => [id, memberIds])).toEqual([
      ['house', ['home', 'home-standby']],
      ['acme', ['acme']],
      ['lab', ['lab']],
    ]);
  });
});

describe('nearestWord', () => {
  it.each([
    ['gatways', ['gateways', 'pairs'], 'gateways'],
    ['Gateways', ['gateways', 'pairs'], 'gateways'],
    ['unrelated', ['gateways', 'pairs'], null],
    ['x', [], null],
  ] as const)('of %s in %j is %s', (word, candidates, expected) => {
    expect(nearestWord(word, candidates)).toBe(expected);
  });
});
