/** A journal's refusal that came from another computer: it answers, and could not do this. */
export class FarRefusal extends Error {}
