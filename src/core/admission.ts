import type { Clock, Logger } from '../base/index.ts';
import type { GatewayEvent } from '../gateways/index.ts';
import type { DomainId } from '../shared/index.ts';
import { createEventGate } from '../trust/index.ts';
import type { AdmittedEvent, DecisionLog, TrustPolicy } from '../trust/index.ts';

/** The gate for what gateways send by themselves, and what it dropped as state. */
export interface Admission {
  admit(gatewayId: string, domain: DomainId, event: GatewayEvent): AdmittedEvent | null;
  close(): void;
}

const droppedEveryMs = 250;

/** Makes it; a flood of dropped events is told four times a second at most. */
export function createAdmission(options: {
  readonly policy: TrustPolicy;
  readonly log: DecisionLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dropped: (counts: Readonly<Record<string, number>>) => void;
}): Admission {
  const gate = createEventGate(options);
  let cancel: (() => void) | null = null;
  return {
    admit: (gatewayId, domain, event) => {
      const admitted = gate.admit(gatewayId, domain, event);
      if (admitted === null)
        cancel ??= options.clock.after(droppedEveryMs, () => {
          cancel = null;
          options.dropped(gate.dropped());
        });
      return admitted;
    },
    close: () => {
      cancel?.();
      gate.close();
    },
  };
}
