import { fail, ok, type Clock, type Result } from '../base/index.ts';
import type { GatewayConnection } from '../gateways/index.ts';
import { describeState } from '../shared/index.ts';
import type { ConnectionState, Translate } from '../shared/index.ts';

const withinMs = 5_000;

/**
 * Asks a gateway to withdraw the token of this device, over a connection of its own that has the scope for it and is ended
 * afterwards. Fails, in words for people, where the gateway does not grant the scope, or does not answer in time.
 */
export async function withdrawToken(options: {
  /** Not started yet. */
  readonly connection: GatewayConnection;
  readonly deviceId: string;
  readonly clock: Clock;
  readonly t: Translate;
}): Promise<Result<null, string>> {
  const { connection, deviceId, clock, t } = options;
  let cancel = (): void => undefined;
  const settled = new Promise<ConnectionState>((resolve) => {
    connection.onState((state) => {
      if (state.phase !== 'starting') resolve(state);
    });
    cancel = clock.after(withinMs, () => {
      resolve(connection.state());
    });
  });
  connection.start();
  try {
    const state = await settled;
    if (state.phase !== 'ready') return fail(describeState(t, state, clock.wallMs()).word);
    const asked = await connection.request(
      'device.token.revoke',
      { deviceId, role: 'operator' },
      { timeoutMs: withinMs },
    );
    return asked.ok ? ok(null) : fail(asked.error.message);
  } finally {
    cancel();
    connection.stop();
  }
}
