export { createCore } from './core.ts';
export type { Core, CoreOptions } from './model.ts';
