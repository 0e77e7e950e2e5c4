import { createNodeProcessHost } from '../../src/gateways/index.node.ts';
import type { GatewayRuntime } from '../../src/gateways/index.node.ts';
import type { GatewayConfig } from '../../src/gateways/index.ts';
import { endGuardian, socketPath } from '../../src/ha/index.node.ts';

/** Ends what an app leaves running for its next start: the guardian of its profile, and the gateways that it runs. */
export async function endLeftBehind(
  home: string,
  runtime: GatewayRuntime,
  gateways: readonly GatewayConfig[],
): Promise<void> {
  await endGuardian(socketPath(home));
  const host = createNodeProcessHost({ home, runtime });
  await Promise.all(
    gateways.map(async (gateway) => {
      const running = gateway.kind === 'managed' ? await host.findRunning(gateway) : null;
      running?.process.signal('SIGTERM');
      await running?.process.exited;
    }),
  );
}
