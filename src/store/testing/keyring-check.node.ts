/** Runs inside a session with a keyring of its own (see secret-vault.test.ts): one process writes, another reads. */
import { createLogger } from '../../base/index.ts';
import { openVault } from '../secret-vault.node.ts';

const vault = await openVault(
  '/profile',
  createLogger('check', () => 0, []),
);
if (process.argv[2] === 'write') {
  await vault.set('check', 'across the line 😀');
  process.stdout.write(
    `${vault.kind}: wrote${vault.kind === 'memory' ? ` ${vault.detail}` : ''}\n`,
  );
} else {
  const value = await vault.get('check');
  await vault.delete('check');
  process.stdout.write(`${vault.kind}: read ${String(value)}\n`);
}
