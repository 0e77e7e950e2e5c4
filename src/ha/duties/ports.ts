/** The two sides of the duties: what a guardian asks of a gateway. */
import type { Result } from '../../base/index.ts';
import type { DutiesLook, JobsPut, JobsPutAnswer } from './model.ts';

/** The duties of one gateway. No method rejects; the error is words for a person. */
export interface Duties {
  look(): Promise<Result<DutiesLook, string>>;
  /** To the standby: the active gateway's jobs that changed. */
  put(put: JobsPut): Promise<Result<JobsPutAnswer, string>>;
  /** Resolves with the number of changes once it is above `since`, or after `waitMs`. */
  changes(since: number, waitMs: number): Promise<Result<{ readonly at: number }, string>>;
}
