/** How the guardian's process ends; numbers as in sysexits.h. */
export const exitCodes = {
  /** It was asked to end, by a signal or over the socket; a question was answered. */
  ended: 0,
  /** What was asked was not done; the reason is on stderr. */
  refused: 1,
  usage: 64,
  /** No guardian runs that could be asked. */
  unavailable: 69,
  /** A bug; what is on stderr belongs into a report. */
  failed: 70,
  /** The state folder, the socket or the figures cannot be made. */
  cannotCreate: 73,
  /** Another guardian has this state folder or socket. */
  running: 75,
  config: 78,
} as const;
