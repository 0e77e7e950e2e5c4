export { loadPolicy } from './policy-file.node.ts';
export { openTrustFolder } from './trust-folder.node.ts';
export { doorFolder, openAgentDoor } from './door/open-agent-door.node.ts';
export type { AgentDoorOptions, OpenDoor } from './door/open-agent-door.node.ts';
export type { DoorClient } from './door/callers.node.ts';
