import { controllerScenarios } from './controller-faults.ts';
import { gatewayScenarios } from './gateway-faults.ts';
import { machineScenarios } from './machine-faults.ts';
import { networkScenarios } from './network-faults.ts';
import { registerScenarios } from './register-faults.ts';
import type { Scenario } from './stage.ts';

/** All of them, by number. */
export const scenarios: readonly Scenario[] = [
  ...gatewayScenarios,
  ...controllerScenarios,
  ...networkScenarios,
  ...registerScenarios,
  ...machineScenarios,
].toSorted((one, other) => one.number - other.number);
