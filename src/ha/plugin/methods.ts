/** Registers methods of ours with the gateway that the plugin is loaded into. */
import type { PluginApi } from 'openclaw/plugin-sdk/plugin-entry';

import { errorText } from '../../base/index.ts';
import type { MethodAnswer } from '../fence/methods.ts';

/** Registers `names`, for operators with all rights only. Nothing that `answer` throws reaches the gateway. */
export function registerMethods<M extends string>(
  api: PluginApi,
  names: readonly M[],
  answer: (method: M, params: unknown) => Promise<MethodAnswer>,
): void {
  for (const method of names)
    api.registerGatewayMethod(
      method,
      async ({ params, respond }) => {
        try {
          const given = await answer(method, params);
          if (given.ok) respond(true, given.payload, undefined);
          else respond(false, undefined, { code: given.code, message: given.message });
        } catch (error) {
          respond(false, undefined, { code: 'UNAVAILABLE', message: errorText(error) });
        }
      },
      { scope: 'operator.admin' },
    );
}
