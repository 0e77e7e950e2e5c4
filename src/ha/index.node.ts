export { endGuardian, readHolder } from './guardian/at-rest.node.ts';
export { writeGuardianConfig } from './config.node.ts';
export { attachGuardian } from './guardian/link.node.ts';
export type { AttachOptions, GuardianLink, GuardianLinkEvent } from './guardian/link.node.ts';
export { socketPath } from './guardian/paths.node.ts';
export { tryDns, tryRegister } from './try-out.node.ts';
export { tlsPsk } from './peer/tls-psk.ts';
export { registerPath } from './register/register-record.node.ts';
