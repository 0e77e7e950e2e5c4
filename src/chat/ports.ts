import type { Result } from '../base/index.ts';
import type { GatewayFailure } from '../gateways/index.ts';

/** What chat needs of a gateway: to be asked things, and to know whether it can be now. */
export interface ChatGateway {
  readonly id: string;
  isReady(): boolean;
  request(
    method: string,
    params: unknown,
    options?: { readonly timeoutMs?: number },
  ): Promise<Result<unknown, GatewayFailure>>;
}

/** Which gateway speaks for a pane now; null while that is not known (a pair whose guardian has not answered yet). */
export type ActiveGateway = (paneId: string) => ChatGateway | null;
