export type { GuardianConfigInput } from './config.ts';
