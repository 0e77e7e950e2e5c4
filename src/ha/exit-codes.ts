/** How the guardian's process ends; numbers as in sysexits.h. */
export const exitCodes = {
  /** It was asked to end, by a signal or over the socket. */
  ended: 0,
  usage: 64,
  /** A bug; what is on stderr belongs into a report. */
  failed: 70,
  /** The state folder or the socket cannot be made. */
  cannotCreate: 73,
  /** Another guardian has this state folder or socket. */
  running: 75,
  config: 78,
} as const;
