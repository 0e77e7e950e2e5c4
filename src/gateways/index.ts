export { agentToolsText, installAgentTools } from './agent-tools.ts';
export type { AgentToolsInstall } from './agent-tools.ts';
export type { BackedUpPart, BackupFailure, GatewayBackup, GatewayBackups } from './backup.ts';
export { createConnection } from './connection.ts';
export type { ConnectionOptions, GatewayConnection } from './connection.ts';
export { withProcess } from './managed-connection.ts';
export type { ProcessWatch } from './managed-connection.ts';
export { gatewayTokenName } from './model.ts';
export type {
  DeviceKey,
  DeviceToken,
  GatewayConfig,
  GatewayEvent,
  GatewayFailure,
  ManagedGateway,
  ProcessState,
} from './model.ts';
export { peerPin } from './peer-pin.ts';
export { fencePluginId, installFencePlugin } from './plugin-install.ts';
export type { FencePluginInstall } from './plugin-install.ts';
export type {
  CreateWire,
  DeviceTokenStore,
  HostedProcess,
  Peer,
  ProcessExit,
  ProcessHost,
  RequestOptions,
  Wire,
  WireEnd,
  WireError,
  WireEvents,
  WireHello,
  WireOptions,
} from './ports.ts';
export { createSupervisor } from './supervisor.ts';
export type { Supervisor, SupervisorOptions } from './supervisor.ts';
export { checkGatewayUrl, isLoopbackHost } from './url.ts';
