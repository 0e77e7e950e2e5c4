import { privateSocketPath } from '../../base/index.node.ts';

export { preparePrivateFolder } from '../../base/index.node.ts';

/** Where the guardian of the profile `home` listens: `<home>/guardian/guardian.sock`, or another private place. */
export function socketPath(home: string): string {
  return privateSocketPath(home, 'guardian', 'switchyard');
}
