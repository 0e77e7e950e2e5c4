import type { FailoverEvent, PairView } from '../shared/index.ts';

/** What the guardian tells the app; `detached` means that for now nobody watches. */
export type GuardianMessage =
  | { readonly kind: 'status'; readonly pairs: readonly PairView[] }
  | { readonly kind: 'event'; readonly pairId: string; readonly event: FailoverEvent }
  | { readonly kind: 'detached'; readonly reason: string };

/** The guardian as the app sees it; attached from the moment it is handed over. */
export interface Guardian {
  on(listener: (message: GuardianMessage) => void): () => void;
  /** A token is new: hands them over again. */
  refreshCredentials(): void;
  /** Detaches; the guardian goes on. */
  stop(): Promise<void>;
  /** Ends the guardian. */
  shutdown(): Promise<void>;
}

/** Why no guardian runs for the pairs, and what its register says of each nevertheless. */
export interface MissingGuardian {
  readonly missing: string;
  /** Who was active last, by pair; `null` where the register cannot be understood, so that nobody may be taken for active. */
  readonly holders: Readonly<Record<string, string | null>>;
}
