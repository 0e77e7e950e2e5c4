/** Fails the type check when a union grows and a `switch` over it does not; throws if that is reached at run time. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected case: ${JSON.stringify(value)}`);
}
