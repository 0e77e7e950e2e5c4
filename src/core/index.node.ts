export { createJoinHost } from './pair-join-host.node.ts';
export { createPairTake } from './pair-take.ts';
export { openCore } from './open-core.node.ts';
export type { CoreAbout, OpenCoreOptions } from './open-core.node.ts';
