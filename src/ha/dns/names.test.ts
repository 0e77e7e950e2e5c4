import { describe, expect, it } from 'vitest';

import { readEpochMark, withEpochMark } from './epoch-mark.ts';
import { quoted } from './failures.ts';
import { parseHostsLine } from './hosts-lines.ts';
import { canonicalAddress, checkedName, hostAddress } from './names.ts';

describe('a name', () => {
  it.each([
    ['gw.home.lan', 'gw.home.lan'],
    ['GW.Home.LAN.', 'gw.home.lan'],
    ['gw', 'gw'],
  ])('%s is taken as %s', (text, name) => {
    expect(checkedName(text)).toEqual({ ok: true, value: name });
  });

  it.each([
    '',
    '.',
    'gw..lan',
    '-gw.lan',
    'gw-.lan',
    '*.home.lan',
    'gw lan',
    'gw\n10.0.0.9 bank',
    'gw/../../etc',
    '_gw.lan',
    'gw.läuft',
    '10.0.0.2',
    `${'a'.repeat(64)}.lan`,
    `${'a.'.repeat(127)}lan`,
  ])('%j is refused', (text) => {
    expect(checkedName(text)).toMatchObject({ ok: false });
  });
});

describe('an address', () => {
  it.each([
    ['10.0.0.2', '10.0.0.2'],
    ['FD00:0:0::1', 'fd00::1'],
    ['fd00::1', 'fd00::1'],
    ['10.0.0.256', null],
    ['010.0.0.2', null],
    ['10.0.0', null],
    ['fd00:::1', null],
    ['gw.home.lan', null],
    ['10.0.0.2 gw', null],
    ['::1]/x', null],
  ])('%s is %s', (text, address) => {
    expect(canonicalAddress(text)).toBe(address);
  });

  it.each([
    ['10.0.0.2', '10.0.0.2'],
    ['ws://10.0.0.2:18789', '10.0.0.2'],
    ['wss://[fd00::2]:18789/path', 'fd00::2'],
    ['ws://gw-a.home.lan:18789', null],
    ['', null],
  ])('published as %j is %s', (addr, address) => {
    expect(hostAddress(addr)).toBe(address);
  });
});

describe('a hosts line', () => {
  it('is read as a DNS server reads it', () => {
    expect(parseHostsLine(' 10.0.0.2\tGW.home.lan. gw # switchyard epoch=7 ')).toEqual({
      address: '10.0.0.2',
      names: ['gw.home.lan', 'gw'],
      comment: 'switchyard epoch=7',
    });
    for (const line of ['', '# 10.0.0.2 gw', '10.0.0.2', 'gw 10.0.0.2', '10.0.0.2 # gw'])
      expect(parseHostsLine(line)).toBeNull();
  });
});

describe('the mark of an epoch', () => {
  it('stands beside what a person wrote, once', () => {
    const marked = withEpochMark('mine', 7, 100);
    expect(marked).toBe('mine switchyard epoch=7');
    expect(withEpochMark(marked, 8, 100)).toBe('mine switchyard epoch=8');
    expect(withEpochMark('x'.repeat(95), 8, 100)).toBe('switchyard epoch=8');
    expect([readEpochMark(marked), readEpochMark('epoch=9'), readEpochMark('')]).toEqual([
      7,
      null,
      null,
    ]);
  });
});

describe("a server's own words", () => {
  it('are one short line without secrets', () => {
    expect(quoted(`bad\ntoken  abc.def ${'x'.repeat(500)}`, ['abc.def', ''])).toMatch(
      /^bad token \[secret\] x{180,190}$/u,
    );
  });
});
