import { join } from 'node:path';

import { parseInvitation, takeJoin, tokenFile, writeJoin } from '../core/index.node.ts';

/**
 * `headless join CODE@ADDRESS`: gets what the guardian of this computer needs from the app on the other one, and says what is
 * left to do. Answers the exit code: 0 done, 1 not done, 64 wrong use; words about what went wrong go to stderr.
 */
export async function runJoin(words: readonly string[], home: string): Promise<number> {
  const [text, ...more] = words;
  if (text === undefined || more.length > 0) {
    process.stderr.write('use: headless join CODE@ADDRESS[:PORT] [--home DIR]\n');
    return 64;
  }
  const invitation = parseInvitation(text);
  if (!invitation.ok) {
    process.stderr.write(`${invitation.error}\n`);
    return 64;
  }
  const taken = await takeJoin(invitation.value);
  if (!taken.ok) {
    process.stderr.write(`${taken.error}\n`);
    return 1;
  }
  const { folder: name, files, commands } = taken.value;
  const folder = await writeJoin(home, name, files);
  const tokens = files.flatMap((file) => (file.name.startsWith(tokenFile) ? [file.name] : []));
  const lines = [
    `This computer has what its guardian needs, in ${folder}`,
    ...tokens.map((file) => `Put the token of the gateway here into ${join(folder, file)}`),
    'Then:',
    ...commands.map((command) => command.replaceAll(`~/${name}`, folder)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
