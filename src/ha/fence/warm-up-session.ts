/** What our plugin says when it warms its gateway up. */
export const warmUpMessage = 'switchyard-warm-up';
/** The key of the session in which it says so, within an agent. OpenClaw lists sessions of this kind nowhere. */
export const warmUpSessionName = `internal-session-effects:${warmUpMessage}`;

/** Whether a session is the one of an agent's warm-up: what is said there never reaches a model. */
export function isWarmUpSession(sessionKey: string): boolean {
  return sessionKey.endsWith(`:${warmUpSessionName}`);
}
