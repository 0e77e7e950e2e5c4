/** What a portal hands out: where the gateway is and the token for that address, and for nothing else. */
export interface Enrolment {
  readonly url: string;
  readonly name: string;
  readonly token: string;
}

/** Why there is no enrolment; `detail` is for people and never holds a credential. */
export interface PortalFailure {
  /** `refused`: the portal does not take the code, a person has to sign in again; the others may pass by themselves. */
  readonly kind: 'bad-url' | 'unreachable' | 'refused' | 'bad-answer';
  readonly detail: string;
}
