export { defaultPolicyText } from './default-policy.ts';
export { contentText, transcriptRole } from './event-shapes.ts';
export { createEventGate } from './gate.ts';
export type { EventGate } from './gate.ts';
export { createLabelMemory } from './labels.ts';
export type { LabelLimits, LabelMemory } from './labels.ts';
export type {
  AdmittedEvent,
  PolicyDecision,
  PolicyProblem,
  PolicyRule,
  Principal,
  Resource,
  TrustAction,
  TrustPolicy,
  TrustRequest,
} from './model.ts';
export { parsePolicy } from './policy.ts';
export type { DecisionLog, Digest } from './ports.ts';
export { createSendGuard, decideSend } from './send.ts';
export type { SendDecision, SendGuard, SendQuestion } from './send.ts';
