export { createGatewayBackups } from './backup.node.ts';
export type { GatewayBackupOptions } from './backup.node.ts';
export { certificateFingerprint } from './certificate.node.ts';
export { createDeviceIdentity } from './device-identity.node.ts';
export type { DeviceIdentity } from './device-identity.node.ts';
export { createNodeProcessHost, gatewayFolder } from './process.node.ts';
export type { GatewayRuntime, ProcessHostOptions } from './process.node.ts';
export { processStartMark } from './process-start-mark.node.ts';
export { createNodeWire } from './wire.node.ts';
