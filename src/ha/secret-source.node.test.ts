import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { readSecret } from './secret-source.node.ts';
import { missingSecretWords, secretSourceSchema, storedSecretSchema } from './secret-source.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

describe('a secret', () => {
  it('comes from the environment, a file or the app, without the white space around it', async () => {
    const file = join(temporaryFolder(), 'secret');
    writeFileSync(file, 'from-file\n');
    expect(await readSecret({ env: 'NAME' }, { NAME: ' from-env ' })).toBe('from-env');
    expect(await readSecret({ file }, {})).toBe('from-file');
    expect(await readSecret({ app: true }, {}, () => 'from-app')).toBe('from-app');
  });

  it('that is missing or blank is null, and the words say where it was looked for', async () => {
    const file = join(temporaryFolder(), 'secret');
    expect(await readSecret({ file }, {})).toBeNull();
    writeFileSync(file, ' \n');
    expect(await readSecret({ file }, {})).toBeNull();
    expect(await readSecret({ env: 'NAME' }, { NAME: '' })).toBeNull();
    expect(await readSecret({ app: true }, {})).toBeNull();
    expect(await readSecret({ app: true }, {}, () => undefined)).toBeNull();
    expect(missingSecretWords({ file })).toContain(file);
    expect(missingSecretWords({ env: 'NAME' })).toContain('NAME');
    expect(missingSecretWords({ app: true })).toContain('app');
  });

  it('is never written where its source belongs', () => {
    expect(secretSourceSchema.safeParse('hunter2').error?.issues[0]?.message).toMatch(/never/u);
    expect(secretSourceSchema.safeParse({ app: true }).success).toBe(true);
    expect(storedSecretSchema.safeParse({ app: true }).success).toBe(false);
  });
});
