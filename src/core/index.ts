export type { Core, CoreOptions } from './model.ts';
