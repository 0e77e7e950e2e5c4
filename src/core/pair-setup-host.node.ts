import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

import { errorText } from '../base/index.ts';
import type { Clock, Logger, Random } from '../base/index.ts';
import { tryDns, tryRegister } from '../ha/index.node.ts';
import { registerConfig } from './guardian-config.ts';
import { invitationPort } from './pair-code.ts';
import { offerJoin } from './pair-invite.node.ts';
import { writeJoin } from './pair-join-host.node.ts';
import type { PairSetupHost, PairTest } from './ports.ts';
import type { PairTestStep } from '../shared/index.ts';

const gitLimitMs = 5_000;

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
    hasGit: () =>
      new Promise((resolve) => {
        execFile('git', ['--version'], { timeout: gitLimitMs }, (error) => {
          resolve(error === null);
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

function tryOut(test: PairTest, ports: PairSetupHostOptions): Promise<readonly PairTestStep[]> {
  return test.part === 'register'
    ? tryRegister(test.pairId, registerConfig(test.register, { app: true }), test.secret, ports)
    : tryDns(test.dns, test.secret, test.addresses, ports);
}
