/** An HTTP answer, read whole. */
export interface PortalResponse {
  readonly status: number;
  readonly text: string;
}

/**
 * GETs a page with a bearer code. Follows no redirect (the code must not travel on), reads at most 64 KiB and waits at
 * most 10 s; rejects with words otherwise.
 */
export type PortalFetch = (url: string, code: string) => Promise<PortalResponse>;
