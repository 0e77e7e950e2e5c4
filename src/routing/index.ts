export type { RoutePane, RouteQuestion } from './model.ts';
export { decideRoute } from './router.ts';
