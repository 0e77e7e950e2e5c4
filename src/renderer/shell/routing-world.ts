import type { AppState } from '../../shared/index.ts';

/** Everything but the text that a route depends on, as one comparable string: when it changes, the route is asked anew. */
export function routingWorld(state: Pick<AppState, 'rules' | 'panes' | 'domains' | 'ui'>): string {
  return JSON.stringify([
    state.rules,
    state.panes.map(({ id, name, domain }) => [id, name, domain]),
    state.domains,
    state.ui.focusedPaneId,
  ]);
}
