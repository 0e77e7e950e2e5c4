export { endGuardian, readHolder } from './at-rest.node.ts';
export { writeGuardianConfig } from './config.node.ts';
export { attachGuardian } from './link.node.ts';
export type { AttachOptions, GuardianLink, GuardianLinkEvent } from './link.node.ts';
export { socketPath } from './paths.node.ts';
