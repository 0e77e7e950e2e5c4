export { openCore } from './open-core.node.ts';
export type { CoreAbout, OpenCoreOptions } from './open-core.node.ts';
