/** What a held client is told, and what it says. */
export interface HeldConfig {
  readonly url: string;
  readonly token: string;
  readonly tlsFingerprint?: string;
}

export type HeldOrder =
  | { readonly kind: 'connect' }
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly method: string;
      readonly params: object;
    };

export type HeldLine =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'closed'; readonly code: number; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: boolean; readonly value: unknown };
