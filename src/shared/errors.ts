/** An expected failure as it crosses a process line: a code to decide on, words to show, and whether trying again can help. */
export interface AppError {
  readonly code:
    | 'bad-input'
    | 'bad-sender'
    | 'not-found'
    | 'route-changed'
    | 'route-undecided'
    | 'denied'
    | 'offline'
    | 'gateway'
    | 'storage'
    | 'internal';
  readonly message: string;
  readonly retryable: boolean;
}

/** Makes an error value. */
export function appError(code: AppError['code'], message: string, retryable = false): AppError {
  return { code, message, retryable };
}
