export { createDeviceIdentity } from './device-identity.node.ts';
export type { DeviceIdentity } from './device-identity.node.ts';
export { createNodeProcessHost } from './process.node.ts';
export type { GatewayRuntime, ProcessHostOptions } from './process.node.ts';
export { createNodeWire } from './wire.node.ts';
