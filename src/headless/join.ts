import { createJoinHost, createPairTake } from '../core/index.node.ts';
import type { Translate } from '../shared/index.ts';

/**
 * `headless join CODE@ADDRESS`: gets what the guardian of this computer needs from the app on the other one, and says what is
 * left to do. Answers the exit code: 0 done, 1 not done, 64 wrong use; words about what went wrong go to stderr. `program`:
 * the folder that Switchyard lies in.
 */
export async function runJoin(
  words: readonly string[],
  { home, program, t }: { readonly home: string; readonly program: string; readonly t: Translate },
): Promise<number> {
  const [text, ...more] = words;
  if (text === undefined || more.length > 0) {
    process.stderr.write('use: headless join CODE@ADDRESS[:PORT] [--home DIR]\n');
    return 64;
  }
  const [code = '', ...address] = text.split('@');
  const join = createPairTake({ host: createJoinHost(home, program), t });
  const taken = await join.take({ code, address: address.join('@') });
  const done = taken.ok ? await join.write() : taken;
  if (!done.ok) {
    process.stderr.write(`${done.error.message}\n`);
    return done.error.code === 'bad-input' ? 64 : 1;
  }
  const { folder, token, commands } = done.value;
  const lines = [
    `This computer has what its guardian needs, in ${folder}`,
    ...(token === null ? [] : [`Put the token of ${token.gateway} into ${folder}/${token.file}`]),
    'Then:',
    ...commands,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
