export { parseInvitation } from './pair-code.ts';
export { takeJoin } from './pair-invite.node.ts';
export { tokenFile } from './pair-join.ts';
export { writeJoin } from './pair-setup-host.node.ts';
export { openCore } from './open-core.node.ts';
export type { CoreAbout, OpenCoreOptions } from './open-core.node.ts';
