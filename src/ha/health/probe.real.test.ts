import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';

import { delay, systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import type { MemberConfig } from '../model.ts';
import type { Probe } from '../ports.ts';
import { openHeldConnection } from './held-connection.node.ts';
import { openGatewayProbe } from './probe.node.ts';
import { startRealGateway } from '../testing/real-gateway.ts';
import type { RealGateway } from '../testing/real-gateway.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const clock = systemClock();

interface Eyes {
  readonly probe: Probe;
  readonly resets: string[];
  /** Settles with the next reset. */
  readonly reset: Promise<string>;
}

function look(gateway: RealGateway, token: string | null = gateway.token): Eyes {
  const member: MemberConfig = {
    id: 'home-a',
    name: 'Home A',
    url: gateway.url,
    token: { app: true },
  };
  const resets: string[] = [];
  const { promise: reset, resolve } = Promise.withResolvers<string>();
  const onReset = (detail: string): void => {
    resets.push(detail);
    resolve(detail);
  };
  const connection = openHeldConnection({
    member,
    token: async () => token,
    identity: async () => null,
    onReset,
    clock,
  });
  const probe = openGatewayProbe({ member, connection, clock, random: systemRandom() });
  onTestFinished(() => probe.close());
  return { probe, resets, reset };
}

// One gateway start (some 10 s) for the whole story of a gateway as its guardian sees it.
it('sees a real gateway well, slow of mind, frozen, well again, and dead', async () => {
  const gateway = await startRealGateway(temporaryFolder());
  onTestFinished(() => gateway.stop());
  const { probe, resets, reset } = look(gateway);

  // It listens seconds before it welcomes anybody; until then a check is missed, and no connection is held.
  let first = await probe.check('fast', 10_000);
  while (first.kind !== 'ok') {
    expect(first).toMatchObject({
      kind: 'miss',
      failedAt: 'ready',
      detail: expect.stringContaining('starting') as string,
    });
    await delay(clock, 200);
    first = await probe.check('fast', 10_000);
  }
  expect(first.passed.map(({ depth }) => depth)).toEqual(['tcp', 'ready', 'rpc']);
  expect(await probe.check('turn', 30_000)).toMatchObject({
    kind: 'ok',
    detail: 'answered a turn',
  });

  gateway.model.mode = 'other-words';
  expect(await probe.check('turn', 30_000)).toMatchObject({
    kind: 'miss',
    failedAt: 'turn',
    detail: expect.stringContaining('answers wrongly') as string,
  });
  gateway.model.mode = 'hang';
  expect(await probe.check('turn', 2_000)).toMatchObject({ kind: 'miss', failedAt: 'turn' });
  gateway.model.mode = 'silence';
  expect(await probe.check('turn', 30_000)).toMatchObject({ kind: 'miss', failedAt: 'turn' });
  gateway.model.mode = 'echo';
  expect(await probe.check('turn', 30_000)).toMatchObject({ kind: 'ok' });

  // What cannot be looked at is no miss, and no token reaches an error text.
  const wrongToken = await look(gateway, 'swordfish-not-to-be-seen').probe.check('fast', 10_000);
  expect(wrongToken.kind).toBe('blind');
  expect(JSON.stringify(wrongToken)).not.toContain('swordfish');
  expect(await look(gateway, null).probe.check('fast', 10_000)).toMatchObject({
    kind: 'blind',
    detail: expect.stringContaining('come from the app yet') as string,
  });

  gateway.process.kill('SIGSTOP');
  expect(await probe.check('fast', 1_000)).toMatchObject({ kind: 'miss' });
  expect(await look(gateway).probe.check('fast', 1_000)).toMatchObject({
    kind: 'miss',
    failedAt: 'ready',
  });
  gateway.process.kill('SIGCONT');
  expect(await probe.check('fast', 10_000)).toMatchObject({ kind: 'ok' });
  expect(resets).toEqual([]);

  const exited = once(gateway.process, 'exit');
  gateway.process.kill('SIGKILL');
  expect(await reset).toContain('closed with 1006');
  await exited;
  expect(await probe.check('fast', 5_000)).toMatchObject({
    kind: 'miss',
    failedAt: 'tcp',
    detail: 'nothing listens at its address',
  });
  expect(resets).toHaveLength(1);
}, 180_000);
