import type { Domain, DomainId, RoutingRule } from '../shared/index.ts';
import type { PaneSettings } from '../store/index.ts';
import type { TrustPolicy } from '../trust/index.ts';

export type RoutePane = Pick<PaneSettings, 'id' | 'name' | 'domain'>;

/** Everything a route may depend on. The same value gives the same route. */
export interface RouteQuestion {
  /** As typed, `@name` included. */
  readonly text: string;
  /** The pane a person bound the composer to; null while unbound. */
  readonly binding: string | null;
  readonly context: {
    /** The pane that the message comes from (the one in focus before the composer); null when there is none. */
    readonly pane: string | null;
  };
  /** In the order of the settings: a domain with several is reached at its first. */
  readonly panes: readonly RoutePane[];
  readonly domains: readonly Domain[];
  readonly rules: readonly RoutingRule[];
  /** Domains whose text the message carries. */
  readonly labels: readonly DomainId[];
  readonly policy: TrustPolicy;
}
