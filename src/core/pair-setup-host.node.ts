import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';

import { errorText } from '../base/index.ts';
import type { Clock, Logger, Random } from '../base/index.ts';
import { tryDns, tryRegister } from '../ha/index.node.ts';
import { registerConfig } from './guardian-config.ts';
import { invitationPort } from './pair-code.ts';
import { offerJoin } from './pair-invite.node.ts';
import type { JoinContent } from './pair-join.ts';
import type { PairSetupHost, PairTest } from './ports.ts';
import type { PairTestStep } from '../shared/index.ts';

export interface PairSetupHostOptions {
  /** The profile folder. */
  readonly home: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The guided set-up's hands on this machine and its network. */
export function createPairSetupHost(options: PairSetupHostOptions): PairSetupHost {
  return {
    addresses: () =>
      Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ internal, family }) => !internal && family === 'IPv4')
        .map(({ address }) => address),
    portIsFree: (port) =>
      new Promise((resolve) => {
        const server = createServer();
        server.once('error', () => {
          resolve(false);
        });
        server.listen(port, '127.0.0.1', () => {
          server.close(() => {
            resolve(true);
          });
        });
      }),
    test: async (test) => {
      try {
        return await tryOut(test, options);
      } catch (error) {
        options.logger.error('a test of a set-up failed', { error: errorText(error) });
        return [{ ok: false, words: errorText(error) }];
      }
    },
    offer: (content, host, ended) =>
      offerJoin(content, { host, port: invitationPort }, { clock: options.clock, ended }),
    writeJoin: (name, files) => writeJoin(options.home, name, files),
  };
}

/** Writes the files of another computer's guardian into the profile of `home`; answers their folder. */
export async function writeJoin(
  home: string,
  name: string,
  files: JoinContent['files'],
): Promise<string> {
  const folder = join(home, 'join', name);
  await rm(folder, { recursive: true, force: true });
  for (const file of files) {
    const path = join(folder, file.name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, file.text, { mode: 0o600 });
    await chmod(path, 0o600); // whatever the umask made of it
  }
  return folder;
}

function tryOut(test: PairTest, ports: PairSetupHostOptions): Promise<readonly PairTestStep[]> {
  return test.part === 'register'
    ? tryRegister(test.pairId, registerConfig(test.register, { app: true }), test.secret, ports)
    : tryDns(test.dns, test.secret, test.addresses, ports);
}
