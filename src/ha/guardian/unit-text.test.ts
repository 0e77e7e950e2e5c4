import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { fillUnit } from './unit-text.ts';

const folder = join(import.meta.dirname, '../../../resources/units');
const values = {
  command: ['/opt/a "b" 100%/node', '/opt/$HOME/guardian.js', '--config', 'C:\\x & <y>'],
  user: 'ada',
};

it('quotes the command as systemd wants it', () => {
  expect(fillUnit('ExecStart=@COMMAND@\nUser=@USER@', 'systemd', values)).toBe(
    'ExecStart="/opt/a \\"b\\" 100%%/node" "/opt/$$HOME/guardian.js" "--config" "C:\\\\x & <y>"\nUser=ada',
  );
});

it('escapes the arguments as a property list wants it', () => {
  expect(fillUnit('@ARGUMENTS@', 'launchd', { ...values, command: ['a & b', '<c>'] })).toBe(
    '<string>a &amp; b</string>\n      <string>&lt;c&gt;</string>',
  );
});

it.each([
  ['switchyard-guardian.service', 'systemd'],
  ['switchyard-guardian.system.service', 'systemd'],
  ['switchyard.guardian.plist', 'launchd'],
] as const)('leaves nothing open in %s', (name, format) => {
  const text = fillUnit(readFileSync(join(folder, name), 'utf8'), format, values);
  expect(text).not.toMatch(/@[A-Z]+@/u);
  expect(text).toContain('guardian.js');
});
