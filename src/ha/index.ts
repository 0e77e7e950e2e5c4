export { parseGuardianConfig } from './config.ts';
export type { GuardianConfigInput } from './config.ts';
