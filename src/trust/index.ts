export { createApprovals } from './approvals.ts';
export type { Approvals } from './approvals.ts';
export type { AnswerSchema } from './broker/answer-schema.ts';
export { createBroker, defaultLimits } from './broker/broker.ts';
export { bytesOf } from './broker/crossing.ts';
export type {
  CallAnswer,
  Caller,
  CrossingCall,
  Destination,
  OutgoingCrossing,
} from './broker/crossing.ts';
export type { AgentDoor, Broker, BrokerView, LinkDoor, PersonDoor } from './broker/model.ts';
export type { CrossingLink, TrustStore } from './broker/ports.ts';
export { defaultPolicyText } from './default-policy.ts';
export type { DoorRefusal, DoorWay } from './door/refusals.ts';
export { checkEdges } from './edges.ts';
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
export type { AuditLog, DecisionLog, Digest, TrustFolder } from './ports.ts';
export { createRosters } from './rosters.ts';
export type { PinnedIdentity, Rosters } from './rosters.ts';
export { createSendGuard, decideSend, sendDigest, sendEpoch } from './send.ts';
export type { SendDecision, SendGuard, SendQuestion } from './send.ts';
