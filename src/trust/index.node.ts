export { decisionLogPath, openDecisionLog, sha256 } from './decision-log.node.ts';
export { loadPolicy } from './policy-file.node.ts';
